import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { App } from './app.ts'

export type Listening = {
  /** Without a slash at the end. */
  url: string
  /** Accepts no more, waits up to `drainMs` for what is under way, then cuts it. */
  stop: (drainMs: number) => Promise<void>
}

/** A body may take 30 seconds, which the ingest routes say themselves; this is for what has no route. */
const REQUEST_TIMEOUT_MS = 40_000
const HEADERS_TIMEOUT_MS = 10_000

/** The port is in use by another program, or not ours to take. */
export class PortTaken extends Error {
  override name = 'PortTaken'
}

/** Serves an app over HTTP/1.1. Throws {@link PortTaken}. */
export async function listen(app: App, host: string, port: number): Promise<Listening> {
  const listener = getRequestListener(app.fetch)
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: HEADERS_TIMEOUT_MS },
    (incoming, outgoing) => void listener(incoming, outgoing),
  )
  server.listen({ host, port, exclusive: true })
  try {
    await once(server, 'listening')
  } catch (cause) {
    throw new PortTaken(`Cannot listen on ${host}, port ${port}: ${reasonOf(cause)}`, { cause })
  }
  const { port: taken } = server.address() as AddressInfo
  const name = host.includes(':') ? `[${host}]` : host
  return { url: `http://${name}:${taken}`, stop: (drainMs) => stop(server, drainMs) }
}

async function stop(server: Server, drainMs: number): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  // A connection that goes idle later would else be kept for the caller's next request.
  const idle = setInterval(() => server.closeIdleConnections(), 20)
  const impatience = setTimeout(() => server.closeAllConnections(), drainMs)
  await closed
  clearInterval(idle)
  clearTimeout(impatience)
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE') return 'another program uses it'
  if (code === 'EACCES') return 'this user may not take it'
  return code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' ? 'no such address on this machine' : String(code)
}
