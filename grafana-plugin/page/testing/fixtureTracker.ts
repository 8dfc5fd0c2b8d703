import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import * as contract from '@vividly/tracker-api/contract'
import type { CircuitBreaker, RequestDetail, RequestRow, StreamFrames } from '@vividly/tracker-api/contract'
import * as trendsContract from '@vividly/tracker-api/trendsContract'

import { sampleEvents, sampleSpans, toRow } from './sampleRequests.ts'
import { sampleBreakerHistory, sampleDeployments, sampleHours, sampleNormals, sampleTrends } from './sampleTrends.ts'

const PAGE = fileURLToPath(new URL('../../dist/page', import.meta.url))
const TYPES: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.html': 'text/html' }
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'"

const NOT_FOUND = { type: 'about:blank', title: 'Not found', status: 404, detail: 'There is no such request.' }

export type FixtureTracker = Awaited<ReturnType<typeof startFixtureTracker>>

/**
 * The built page and the monitoring endpoints over a list of requests in memory; each answer is checked with the
 * contract's schemas. The stream says what the test says.
 */
export async function startFixtureTracker(requests: RequestDetail[], breakers: CircuitBreaker[]) {
  const byId = new Map(requests.map((request) => [request.id, request]))
  const streams = new Set<ServerResponse>()
  let reachable = true
  let cursor = 100
  let changedAt = 0

  const rows = () => [...byId.values()].map(toRow).sort((a, b) => b.created_at.localeCompare(a.created_at))
  const now = () => new Date().toISOString()
  const streamCursor = () => `epoch-1.${cursor}`

  function stats() {
    const all = [...byId.values()]
    const midnightMs = new Date().setHours(0, 0, 0, 0)
    const completedToday = all.filter((row) => Date.parse(row.completed_at ?? '') >= midnightMs)
    const completed = completedToday.length
    const failed = all.filter((row) => Date.parse(row.failed_at ?? '') >= midnightMs).length
    const total = completedToday.reduce((sum, row) => sum + (row.total_duration_seconds ?? 0), 0)
    return contract.dashboardStats.parse({
      active: all.filter((row) => !contract.TERMINAL_STATUSES.some((status) => status === row.status)).length,
      pending: all.filter((row) => row.status === 'pending').length,
      completed_today: completed,
      failed_today: failed,
      success_rate: completed + failed > 0 ? completed / (completed + failed) : null,
      average_duration_seconds: completed > 0 ? total / completed : null,
      timezone: 'UTC',
    })
  }

  function write<K extends keyof StreamFrames>(stream: ServerResponse, type: K, data: StreamFrames[K]): void {
    cursor += 1
    const id = type === 'stats' ? '' : `id: ${streamCursor()}\n`
    stream.write(`${id}event: ${type}\ndata: ${JSON.stringify(contract.streamFrames[type].parse(data))}\n\n`)
  }

  function push<K extends keyof StreamFrames>(type: K, data: StreamFrames[K]): void {
    for (const stream of streams) write(stream, type, data)
  }

  function answer(url: URL): unknown {
    const path = url.pathname.slice(contract.API_BASE.length)
    const [, collection, id, sub] = path.split('/')
    if (collection === 'dashboard') return contract.dashboard.parse({ ...stats(), stream_cursor: streamCursor() })
    if (collection === 'circuit-breakers' && id === undefined) return contract.circuitBreakers.parse({ items: breakers })
    if (collection === 'deployments') return trendsContract.deployments.parse({ items: sampleDeployments(Date.now()) })
    if (collection === 'stages') return trendsContract.stageNormals.parse({ items: sampleNormals() })
    if (collection === 'organizations') return trendsContract.organizations.parse({ items: [{ organization_id: 'northside-high' }, { organization_id: 'southside-high' }] })
    if (collection === 'trends') return trendsContract.trends.parse({ buckets: sampleTrends(Date.now()) })
    if (collection === 'circuit-breakers' && id !== undefined) return trendsContract.breakerHistory.parse({ items: sampleBreakerHistory(id) })
    if (collection === 'metrics') return contract.metrics.parse({ buckets: sampleHours(Date.now()) })
    if (collection !== 'requests') return undefined
    if (id === undefined) {
      return contract.requestList.parse({ items: list(url.searchParams), next_cursor: null, stream_cursor: streamCursor() })
    }
    const wanted = decodeURIComponent(id)
    const detail = [...byId.values()].find((one) => [one.id, one.correlation_id, one.trace_id].includes(wanted))
    if (!detail) return undefined
    if (sub === 'spans') return contract.requestSpanList.parse({ items: sampleSpans(detail), truncated: false })
    if (sub === 'events') return contract.requestEventList.parse({ items: sampleEvents(detail), next_cursor: null })
    return contract.requestDetail.parse(detail)
  }

  function list(params: URLSearchParams): RequestRow[] {
    const statuses = params.getAll('status')
    const text = params.get('q')?.toLowerCase()
    return rows()
      .filter((row) => statuses.length === 0 || statuses.includes(row.status))
      .filter((row) => !text || JSON.stringify(row).toLowerCase().includes(text))
      .slice(0, Number(params.get('limit') ?? 50))
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://fixture')
    if (url.pathname.startsWith(contract.API_BASE)) {
      if (!reachable) {
        request.socket.destroy()
      } else if (url.pathname.endsWith('/stream')) {
        response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
        const asked = Number(url.searchParams.get('cursor')?.split('.')[1] ?? cursor)
        streams.add(response)
        response.on('close', () => streams.delete(response))
        write(response, 'hello', { epoch: 'epoch-1', cursor: streamCursor(), now: now(), heartbeat_ms: 10_000 })
        // It keeps no changes to replay.
        if (asked < changedAt) write(response, 'reset', { reason: 'too_old' })
      } else {
        const body = answer(url)
        response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' })
        response.end(JSON.stringify(body ?? NOT_FOUND))
      }
    } else {
      void sendFile(url.pathname, response)
    }
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}/monitoring/dashboard`,
    /** Stores a state and tells every listener. */
    change(detail: RequestDetail): void {
      byId.set(detail.id, detail)
      cursor += 1
      changedAt = cursor
      push('request', { row: toRow(detail), version: detail.version })
      push('stats', stats())
    },
    push,
    /** Cuts all streams and refuses everything until `restore`. */
    cut(): void {
      reachable = false
      for (const stream of streams) stream.destroy()
    },
    restore(): void {
      reachable = true
    },
    /** Ends all streams as a tracker does that is stopped: with a farewell. A new one can be opened at once. */
    drain(): void {
      push('bye', { reason: 'drain', retry_ms: 100 })
      for (const stream of streams) stream.end()
      streams.clear()
    },
    /** Ends all streams in the middle of a frame, as a proxy does that goes down. */
    breakInFrame(): void {
      for (const stream of streams) {
        stream.write('event: request\ndata: {"row": {"id": "')
        setTimeout(() => stream.destroy(), 20)
      }
      streams.clear()
    },
    streamCount: () => streams.size,
    async stop(): Promise<void> {
      server.closeAllConnections()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}

async function sendFile(path: string, response: ServerResponse): Promise<void> {
  const name = path.replace(/^\/monitoring\/dashboard\/?/, '') || 'index.html'
  try {
    const body = await readFile(join(PAGE, name))
    response.writeHead(200, { 'content-type': TYPES[extname(name)] ?? 'application/octet-stream', 'content-security-policy': CSP })
    response.end(body)
  } catch {
    response.writeHead(404).end()
  }
}
