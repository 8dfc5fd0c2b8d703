import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

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

/** What on-call would have been told, on a loopback port: takes Alertmanager's webhooks and keeps them. */
export async function startPager(onNotice: (notice: Notice) => void = () => {}, port = 0) {
  const notices: Notice[] = []
  const server = createServer((request, response) => void hear(request, response))
  async function hear(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const channel = request.url?.slice(1) ?? ''
    const { alerts } = (await json(request)) as Webhook
    for (const { status, labels, annotations } of alerts) {
      const notice = { channel, status, alert: labels['alertname'] ?? '', labels, annotations, receivedAtMs: Date.now() }
      notices.push(notice)
      onNotice(notice)
    }
    response.end()
  }
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    notices,
    stop: () => {
      server.closeAllConnections()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
