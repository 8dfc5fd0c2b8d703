import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { toPagerPage } from './toPagerPage.ts'

export type Notice = {
  /** `pages`, `tickets`, `chat` or `watchdog`, by the path it came to. */
  channel: string
  status: 'firing' | 'resolved'
  alert: string
  labels: Record<string, string>
  annotations: Record<string, string>
  receivedAtMs: number
}

type Webhook = { alerts: { status: 'firing' | 'resolved'; labels: Record<string, string>; annotations: Record<string, string> }[] }

export type PagerOptions = {
  onNotice?: (notice: Notice) => void
  /** Default: loopback. */
  host?: string
  /** 0, the default: any free one. */
  port?: number
}

/** The last ones are kept; the dead man's switch alone makes 1,440 a day. */
const KEPT = 2_000

/** What on-call would have been told: takes Alertmanager's webhooks, keeps them, and shows them as a page at `/`. */
export async function startPager({ onNotice = () => {}, host = '127.0.0.1', port = 0 }: PagerOptions = {}) {
  const notices: Notice[] = []
  const server = createServer((request, response) => {
    if (request.method === 'POST') void hear(request, response)
    else response.setHeader('Content-Type', 'text/html; charset=utf-8').end(toPagerPage(notices))
  })
  async function hear(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const channel = request.url?.slice(1) ?? ''
    const { alerts } = (await json(request)) as Webhook
    for (const { status, labels, annotations } of alerts) {
      const notice = { channel, status, alert: labels['alertname'] ?? '', labels, annotations, receivedAtMs: Date.now() }
      if (notices.push(notice) > KEPT) notices.shift()
      onNotice(notice)
    }
    response.end()
  }
  await new Promise<void>((resolve) => server.listen(port, host, resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    notices,
    stop: () => {
      server.closeAllConnections()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
