import { setTimeout as sleep } from 'node:timers/promises'

import { createTestDatabase } from '@vividly/tracker-api/testing'
import type { TestDatabase } from '@vividly/tracker-api/testing'
import { beginStory, tell } from '@vividly/tracker-api/testing/story'
import { startTrackerProcess } from '@vividly/tracker-api/testing/trackerProcess'
import type { TrackerProcess } from '@vividly/tracker-api/testing/trackerProcess'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { followTracker } from './followTracker.ts'
import { applyFrames, applyRows, applySnapshot, emptyLiveData } from './liveData.ts'
import { createMonitoringApi } from './monitoringApi.ts'
import { ACTIVE_STATUSES } from './requestPhase.ts'

/** `MINUTES=3` runs it for that long. */
const RUN_MS = Number(process.env['MINUTES'] ?? 0.1) * 60_000
const WRITERS = 10
const REQUESTS_EACH = 15

let database: TestDatabase
let replicas: TrackerProcess[] = []
beforeAll(async () => {
  database = await createTestDatabase(undefined, WRITERS + 3)
  replicas = await Promise.all([1, 2, 3].map(() => startTrackerProcess(database.url)))
})
afterAll(async () => {
  await Promise.all(replicas.map((replica) => replica.stop()))
  await database.drop()
})

type Heard = { versions: () => Map<string, number>; wentBack: string[]; heardMs: Map<string, number>; cuts: number; stop: () => void }

/** Follows a replica as the page does; when `cutEachMs` is given it is cut off again and again, and hops on. */
function listen(index: number, cutEachMs?: number): Heard {
  let data = emptyLiveData
  let hop = index
  let cut = new AbortController()
  const heard: Heard = {
    versions: () => new Map([...data.requests].map(([id, { version }]) => [id, version])),
    wentBack: [],
    heardMs: new Map(),
    cuts: 0,
    stop: () => {
      clearInterval(cutting)
      following.stop()
    },
  }
  const api = createMonitoringApi('', (path, init) => {
    cut = new AbortController()
    const signal = init?.signal ? AbortSignal.any([init.signal, cut.signal]) : cut.signal
    if (typeof path !== 'string') throw new Error('The API is asked by path')
    return fetch(`${replicas[hop % replicas.length]?.url}${path}`, { ...init, signal })
  })
  const cutting = setInterval(() => {
    if (cutEachMs === undefined || Math.random() < 0.3) return
    heard.cuts += 1
    hop += 1
    cut.abort(new Error('cut by the test'))
  }, cutEachMs ?? 60_000)
  function become(next: typeof data): void {
    for (const [id, { version }] of data.requests) {
      if ((next.requests.get(id)?.version ?? 0) < version) heard.wentBack.push(id)
    }
    data = next
  }
  const following = followTracker({
    api,
    timezone: 'UTC',
    now: Date.now,
    random: () => Math.random() / 10,
    on: {
      snapshot: (snapshot) => become(applySnapshot(data, snapshot)),
      rows: (rows) => become(applyRows(data, rows)),
      allActive: () => {},
      frame: (frame) => {
        if (frame.type === 'request') {
          const key = `${frame.data.row.id}/${frame.data.version}`
          if (!heard.heardMs.has(key)) heard.heardMs.set(key, performance.now())
        }
        become(applyFrames(data, [frame]))
      },
      live: () => {},
      lost: () => {},
    },
  })
  return heard
}

/** A feed with a planted fault: it sets its checkpoint at the highest transaction it saw. */
async function followCarelessly(until: () => boolean): Promise<Map<string, number>> {
  const versions = new Map<string, number>()
  let last = '0'
  while (!until()) {
    const rows = await database.sql<{ id: string; version: string; xid: string }[]>`
      select request_id as id, version, xid::text from change_log where xid > ${last}::xid8 order by xid`
    for (const { id, version, xid } of rows) {
      versions.set(id, Math.max(versions.get(id) ?? 0, Number(version)))
      last = xid
    }
    await sleep(20)
  }
  return versions
}

test('three replicas, ten writers, a transaction held open, listeners cut at random: nothing is missed', async () => {
  const steady = [listen(0), listen(1), listen(2)]
  const hopping = [0, 1, 2, 3, 4].map((index) => listen(index, 300 + 200 * index))
  let done = false
  const careless = followCarelessly(() => done)
  const committed = new Map<string, number>()
  const committedMs = new Map<string, number>()
  const endMs = performance.now() + RUN_MS

  async function write(story: ReturnType<typeof beginStory>, turn: number, holdMs: number, stage = 'validation'): Promise<void> {
    const version = await database.sql.begin(async (transaction) => {
      const said = { 'vividly.stage.name': stage, 'vividly.stage.progress.ratio': (turn % 100) / 100 }
      await tell(transaction, [story.log(turn === 0 ? 'vividly.request.created' : 'vividly.stage.heartbeat', turn, turn === 0 ? {} : said)])
      const [row] = await transaction`select version from content_requests where id = ${story.requestId}`
      await sleep(holdMs)
      return Number(row?.['version'])
    })
    committed.set(story.requestId, version)
    committedMs.set(`${story.requestId}/${version}`, performance.now())
  }
  async function keepWriting(writer: number): Promise<void> {
    const stories = Array.from({ length: REQUESTS_EACH }, () => beginStory(Date.now()))
    for (let turn = 0; performance.now() < endMs; turn += 1) {
      const story = stories[turn % REQUESTS_EACH]
      if (story) await write(story, Math.floor(turn / REQUESTS_EACH), turn % 17 === writer ? 300 : 0)
      await sleep(Math.random() * 60)
    }
  }
  await sleep(500)
  const held = beginStory(Date.now())
  await Promise.all([write(held, 0, RUN_MS - 1_000), ...Array.from({ length: WRITERS }, (_, writer) => keepWriting(writer))])

  for (const listener of [...steady, ...hopping]) {
    await expect.poll(() => listener.versions(), { timeout: 10_000 }).toEqual(committed)
    expect(listener.wentBack).toEqual([])
  }
  const api = createMonitoringApi(replicas[0]?.url ?? '')
  const fresh = await api.listRequests({ status: ACTIVE_STATUSES, limit: 200 }, AbortSignal.timeout(5_000))
  expect(new Map(fresh.items.map(({ id, version }) => [id, version]))).toEqual(committed)
  for (const listener of [...steady, ...hopping]) listener.stop()
  done = true
  // The checker does see what a careless feed misses.
  expect((await careless).get(held.requestId)).toBeUndefined()
  expect(await careless).not.toEqual(committed)

  const delays = steady
    .flatMap(({ heardMs }) => [...committedMs].flatMap(([key, atMs]) => (heardMs.has(key) ? [Math.max(0, (heardMs.get(key) ?? 0) - atMs)] : [])))
    .sort((a, b) => a - b)
  const at = (share: number) => Math.round(delays[Math.floor(delays.length * share)] ?? Number.NaN)
  const cuts = hopping.reduce((sum, listener) => sum + listener.cuts, 0)
  console.log(`${committedMs.size} commits, ${cuts} cuts; commit → listener p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(0.99999)} ms`)
  expect(delays.length).toBeGreaterThan(100)
}, RUN_MS + 60_000)
