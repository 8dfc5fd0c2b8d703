import { request } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'

const PREFIX = '/api/datasources/proxy/uid/tracker'
const ROUTE = '/tracker'
/** What Grafana's proxy keeps from the browser, and from the data source. */
const NOT_UPSTREAM = ['cookie', 'origin', 'referer', 'authorization', 'host', 'connection']
const NOT_DOWNSTREAM = ['set-cookie', 'connection', 'transfer-encoding']

/**
 * Behaves as Grafana's data proxy does towards a plugin's route: the prefix is taken off, only the route's method goes
 * through, the token is added here, cookies go neither way, bytes are passed on as they come, and the data source's 401
 * becomes a 400.
 * @returns false where the path is not the proxy's
 */
export function dataProxy(trackerUrl: string, token: string | undefined, from: IncomingMessage, to: ServerResponse): boolean {
  const path = from.url ?? '/'
  if (!path.startsWith(PREFIX)) return false
  const rest = path.slice(PREFIX.length)
  if (!rest.startsWith(`${ROUTE}/`) || from.method !== 'GET') {
    sayJson(to, 403, { message: 'non allow-listed route' })
    return true
  }
  const upstream = request(
    new URL(rest.slice(ROUTE.length), trackerUrl),
    { headers: { ...without(from.headers, NOT_UPSTREAM), 'user-agent': 'Grafana/13.2.2', ...(token !== undefined && { authorization: `Bearer ${token}` }) } },
    (answer) => {
      if (answer.statusCode === 401) {
        answer.resume()
        sayJson(to, 400, { message: 'Authentication to data source failed' })
        return
      }
      to.writeHead(answer.statusCode ?? 502, without(answer.headers, NOT_DOWNSTREAM))
      to.flushHeaders()
      answer.pipe(to)
      answer.on('error', () => to.destroy())
      answer.on('aborted', () => to.destroy())
    },
  )
  upstream.on('error', () => (to.headersSent ? to.destroy() : sayJson(to, 502, { message: 'Bad Gateway' })))
  to.on('close', () => upstream.destroy())
  upstream.end()
  return true
}

function without(headers: IncomingHttpHeaders, names: readonly string[]): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)))
}

function sayJson(to: ServerResponse, status: number, body: object): void {
  to.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
