import type { RequestList, StreamFrames } from '@vividly/tracker-api/contract'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { sampleRequest, toRow } from '../../page/testing/sampleRequests.ts'
import { ApiError } from './apiError.ts'
import { SILENCE_MS } from './followTracker.ts'
import { inflightDigest } from './inflightDigest.ts'
import { createLiveClient, GRACE_MS } from './liveClient.ts'
import type { MonitoringApi, RequestQuery } from './monitoringApi.ts'

const NOW = '2026-11-23T12:00:00.000Z'
const NOW_MS = Date.parse(NOW)
const STATS = { active: 1, pending: 0, completed_today: 0, failed_today: 0, success_rate: null, average_duration_seconds: null, timezone: 'UTC' }

let clients: { stop(): void }[] = []
beforeEach(() => void vi.useFakeTimers({ now: NOW_MS }))
afterEach(() => {
  for (const client of clients) client.stop()
  clients = []
  vi.useRealTimers()
})

function sampleRow(version: number, index = 0) {
  return toRow(sampleRequest({ index, nowMs: NOW_MS, ageS: 20, topic: `v${version}`, student: null, version }))
}

/** A tracker that answers what the test says. */
function startTracker() {
  const streams: { cursor: string | undefined; send: <K extends keyof StreamFrames>(type: K, data: StreamFrames[K], id?: string) => void; end: () => void }[] = []
  const tracker = { streams, rows: [sampleRow(1)], snapshots: 0, snapshotGate: Promise.resolve(), refuse: undefined as ApiError | undefined, older: undefined as Promise<RequestList['items']> | undefined }
  const list = async ({ cursor, status }: RequestQuery): Promise<RequestList> => {
    if (cursor === 'older') return { items: (await tracker.older) ?? [], next_cursor: null, stream_cursor: 'e.900' }
    const next = tracker.older && status?.includes('pending') ? 'older' : null
    tracker.snapshots += 1
    await tracker.snapshotGate
    return { items: tracker.rows, next_cursor: next, stream_cursor: `e.${100 + tracker.snapshots}` }
  }
  const api: MonitoringApi = {
    listRequests: list,
    getRequest: () => Promise.reject(new Error('not asked for here')),
    listEvents: () => Promise.reject(new Error('not asked for here')),
    listSpans: () => Promise.reject(new Error('not asked for here')),
    getMetrics: () => Promise.reject(new Error('not asked for here')),
    getTrends: () => Promise.reject(new Error('not asked for here')),
    getDeployments: () => Promise.reject(new Error('not asked for here')),
    getOrganizations: () => Promise.reject(new Error('not asked for here')),
    getStageNormals: () => Promise.reject(new Error('not asked for here')),
    getBreakerHistory: () => Promise.reject(new Error('not asked for here')),
    getDashboard: () => Promise.resolve({ ...STATS, stream_cursor: 'e.999' }),
    getBreakers: () => Promise.resolve({ items: [] }),
    async openStream(cursor, _timezone, signal) {
      if (tracker.refuse) throw tracker.refuse
      const encoder = new TextEncoder()
      return new Response(
        new ReadableStream<Uint8Array>({
          start(controller) {
            signal.addEventListener('abort', () => controller.error(signal.reason))
            streams.push({
              cursor,
              send: (type, data, id = 'e.500') =>
                controller.enqueue(encoder.encode(`id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`)),
              end: () => controller.close(),
            })
          },
        }),
      )
    },
  }
  const client = createLiveClient({ api, timezone: 'UTC', random: () => 0.5 })
  clients.push(client)
  return { client, tracker }
}

const HELLO = { epoch: 'e', cursor: 'e.101', now: NOW, heartbeat_ms: 10_000 }
const settle = () => vi.advanceTimersByTimeAsync(0)

async function startLive() {
  const { client, tracker } = startTracker()
  client.start()
  await settle()
  tracker.streams[0]?.send('hello', HELLO, 'e.102')
  await settle()
  return { client, tracker }
}

const topic = (client: ReturnType<typeof createLiveClient>) => client.getState().data.requests.get(sampleRow(1).id)?.topic

it('goes from the snapshot to the stream at the cursor of the answer read first', async () => {
  const { client, tracker } = startTracker()
  client.start()
  await settle()
  expect(client.getState()).toMatchObject({ loaded: true, connection: { kind: 'connecting' } })
  expect(tracker.streams.map((stream) => stream.cursor)).toEqual(['e.101'])
  tracker.streams[0]?.send('hello', HELLO)
  await settle()
  expect(client.getState().connection).toEqual({ kind: 'live' })
})

it('shows a change at once and then paints at most each 200 ms', async () => {
  const { client, tracker } = await startLive()
  await vi.advanceTimersByTimeAsync(300)
  tracker.streams[0]?.send('request', { row: sampleRow(2), version: 2 })
  await settle()
  expect(topic(client)).toBe('v2')
  let paintings = 0
  client.subscribe(() => {
    paintings += 1
  })
  for (let version = 3; version < 103; version += 1) {
    tracker.streams[0]?.send('request', { row: sampleRow(version), version })
    await vi.advanceTimersByTimeAsync(10)
  }
  await vi.advanceTimersByTimeAsync(200)
  expect(paintings).toBeLessThanOrEqual(6)
  expect(topic(client)).toBe('v102')
})

it('shows the newest at once and reads the others in flight behind them, without going back', async () => {
  const { client, tracker } = startTracker()
  const older = Promise.withResolvers<RequestList['items']>()
  tracker.older = older.promise
  client.start()
  await settle()
  expect(client.getState()).toMatchObject({ loaded: true })
  expect(client.getState().data.requests.size).toBe(1)
  tracker.streams[0]?.send('hello', HELLO)
  tracker.streams[0]?.send('request', { row: sampleRow(7, 1), version: 7 })
  await settle()
  older.resolve([sampleRow(3, 1), sampleRow(1, 2)])
  await vi.advanceTimersByTimeAsync(300)
  const versions = [1, 2].map((index) => client.getState().data.requests.get(sampleRow(1, index).id)?.version)
  expect(versions).toEqual([7, 1])
  // Now that all is there, the heartbeat's digest counts.
  for (let beat = 0; beat < 2; beat += 1) {
    tracker.streams[0]?.send('heartbeat', { cursor: 'e.103', lag_ms: 1, now: NOW, inflight_count: 99, inflight_digest: '1' })
    await vi.advanceTimersByTimeAsync(300)
  }
  expect(client.getState().divergences).toBe(1)
})

it('after reset holds the frames back, reads a fresh snapshot and passes on both, in order', async () => {
  const { client, tracker } = await startLive()
  let open = () => undefined as void
  tracker.snapshotGate = new Promise((resolve) => {
    open = resolve
  })
  tracker.rows = [sampleRow(5)]
  tracker.streams[0]?.send('reset', { reason: 'epoch' })
  tracker.streams[0]?.send('request', { row: sampleRow(4), version: 4 })
  tracker.streams[0]?.send('request', { row: sampleRow(6), version: 6 }, 'e.600')
  await settle()
  expect(topic(client)).toBe('v1')
  open()
  await vi.advanceTimersByTimeAsync(300)
  expect(topic(client)).toBe('v6')
  tracker.streams[0]?.end()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(tracker.streams[1]?.cursor).toBe('e.600')
})

it('says that it is not live when the stream stays away, and goes on from where it was', async () => {
  const { client, tracker } = await startLive()
  tracker.refuse = new ApiError('The tracker does not answer.')
  tracker.streams[0]?.end()
  await settle()
  expect(client.getState().connection).toMatchObject({ kind: 'reconnecting', lastLiveMs: NOW_MS })
  await vi.advanceTimersByTimeAsync(GRACE_MS)
  expect(client.getState().connection).toMatchObject({ kind: 'stale', lastLiveMs: NOW_MS })
  tracker.refuse = undefined
  client.wake()
  await settle()
  expect(tracker.streams[1]?.cursor).toBe('e.102')
  tracker.streams[1]?.send('hello', HELLO)
  await settle()
  expect(client.getState().connection).toEqual({ kind: 'live' })
})

it('cuts a stream that says nothing for 25 s', async () => {
  const { client, tracker } = await startLive()
  await vi.advanceTimersByTimeAsync(SILENCE_MS - 1)
  expect(client.getState().connection.kind).toBe('live')
  await vi.advanceTimersByTimeAsync(1)
  expect(client.getState().connection).toMatchObject({ kind: 'reconnecting', message: 'Nothing heard for 25 s.' })
  await vi.advanceTimersByTimeAsync(1_000)
  expect(tracker.streams).toHaveLength(2)
})

it('stays away as long as bye or Retry-After ask for', async () => {
  const { tracker } = await startLive()
  tracker.refuse = new ApiError('Too many streams.', { status: 429, retryAfterMs: 5_000 })
  tracker.streams[0]?.send('bye', { reason: 'drain', retry_ms: 2_000 })
  tracker.streams[0]?.end()
  await vi.advanceTimersByTimeAsync(2_499)
  tracker.refuse = undefined
  expect(tracker.streams).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(tracker.streams).toHaveLength(2)
  tracker.refuse = new ApiError('Too many streams.', { status: 429, retryAfterMs: 5_000 })
  tracker.streams[1]?.end()
  await vi.advanceTimersByTimeAsync(1_000)
  tracker.refuse = undefined
  await vi.advanceTimersByTimeAsync(4_900)
  expect(tracker.streams).toHaveLength(2)
  await vi.advanceTimersByTimeAsync(5_000)
  expect(tracker.streams).toHaveLength(3)
})

it('holds the picture while paused, counts what changed, and catches up', async () => {
  const { client, tracker } = await startLive()
  client.setPaused(true)
  tracker.streams[0]?.send('request', { row: sampleRow(2), version: 2 })
  tracker.streams[0]?.send('request', { row: sampleRow(1, 7), version: 1 })
  await vi.advanceTimersByTimeAsync(300)
  expect(topic(client)).toBe('v1')
  expect(client.getState().changesHeld).toBe(2)
  client.setPaused(false)
  expect(topic(client)).toBe('v2')
  expect(client.getState().changesHeld).toBe(0)
})

it('runs on the clock of the tracker', async () => {
  const { client, tracker } = await startLive()
  const heartbeat = { cursor: 'e.103', lag_ms: 1, inflight_count: 1, inflight_digest: '' }
  tracker.streams[0]?.send('heartbeat', { ...heartbeat, now: '2026-11-23T12:05:00.000Z' })
  await settle()
  expect(client.getState().clockOffsetMs).toBe(300_000)
})

it('reads a fresh snapshot when the digest of what is in flight differs twice running, and only then', async () => {
  const { client, tracker } = await startLive()
  const beat = async (rows: readonly { id: string; version: number; status: 'pending' }[]) => {
    const { count, digest } = inflightDigest(rows)
    const data = { cursor: 'e.103', lag_ms: 1, now: NOW, inflight_count: count, inflight_digest: digest }
    tracker.streams[0]?.send('heartbeat', data)
    await settle()
  }
  const had = tracker.snapshots
  const same = [{ id: sampleRow(1).id, version: 1, status: 'pending' as const }]
  const missed = [{ id: sampleRow(1).id, version: 2, status: 'pending' as const }]
  for (const rows of [same, missed, same, missed]) await beat(rows)
  expect(tracker.snapshots).toBe(had)
  expect(client.getState().divergences).toBe(0)
  tracker.rows = [sampleRow(2)]
  await beat(missed)
  expect(tracker.snapshots).toBeGreaterThan(had)
  expect(client.getState().divergences).toBe(1)
  expect(topic(client)).toBe('v2')
  for (const rows of [missed, missed]) await beat(rows)
  expect(client.getState().divergences).toBe(1)
})

it('counts frames that wait to be painted into the digest', async () => {
  const { client, tracker } = await startLive()
  const { count, digest } = inflightDigest([{ id: sampleRow(1).id, version: 9, status: 'pending' }])
  tracker.streams[0]?.send('request', { row: sampleRow(8), version: 8 })
  tracker.streams[0]?.send('request', { row: sampleRow(9), version: 9 })
  for (const _ of [1, 2, 3]) {
    tracker.streams[0]?.send('heartbeat', { cursor: 'e.103', lag_ms: 1, now: NOW, inflight_count: count, inflight_digest: digest })
  }
  await settle()
  expect(client.getState().divergences).toBe(0)
})
