import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { requestList } from './contract.ts'
import type { RequestRow } from './contract.ts'
import { followStream } from './testing/followStream.ts'
import type { Followed } from './testing/followStream.ts'
import { startMonitoring } from './testing/startMonitoring.ts'
import type { Monitoring } from './testing/startMonitoring.ts'
import { beginStory, exampleLogs, tell } from './testing/tellStory.ts'
import { createTestDatabase } from './testing/testDatabase.ts'
import type { TestDatabase } from './testing/testDatabase.ts'

/** Longer, with a transaction held open for as long: `SECONDS=180 npx vitest run --project db tracker-api/src/replicas`. */
const seconds = Number(process.env['SECONDS'] ?? 6)
const REPLICAS = 3
const WRITERS = 10
const CUT_OFTEN = 6

let test_: TestDatabase
let replicas: Monitoring[] = []
beforeAll(async () => {
  test_ = await createTestDatabase()
  replicas = await Promise.all(Array.from({ length: REPLICAS }, () => startMonitoring(test_.url, { heartbeatMs: 300 })))
})
afterAll(async () => {
  for (const replica of replicas) await replica.close()
  await test_.drop()
})

const random = (below: number): number => Math.floor(Math.random() * below)
const pick = (): Monitoring => {
  const replica = replicas[random(REPLICAS)]
  if (replica === undefined) throw new Error('There is no replica')
  return replica
}

/** One who listens, whichever replica it is at; what it has may never become older. */
class Listener {
  readonly rows = new Map<string, RequestRow>()
  readonly heard: { id: string; version: number; atMs: number }[] = []
  wentBack = 0
  resets = 0
  readonly #shown = new Map<string, number>()
  #stream: Followed | undefined

  async join(at: Monitoring): Promise<void> {
    this.#stream = await followStream(`${at.url}/stream`, {
      lastEventId: this.#stream?.lastEventId(),
      rows: this.rows,
      onRequest: (id, version) => {
        const shown = this.rows.get(id)?.version ?? 0
        if (shown < (this.#shown.get(id) ?? 0)) this.wentBack += 1
        this.#shown.set(id, shown)
        this.heard.push({ id, version, atMs: performance.now() })
      },
      // While a transaction is open for long, who was away is told to read anew rather than all since it began.
      onReset: () => {
        this.resets += 1
        void this.#readAnew(at)
      },
    })
    await this.#stream.waitFor('hello')
  }

  async #readAnew(at: Monitoring): Promise<void> {
    for (const [id, row] of await freshRows(at)) if (row.version > (this.rows.get(id)?.version ?? 0)) this.rows.set(id, row)
  }

  async leave(): Promise<void> {
    this.#stream?.cut()
    await this.#stream?.ended
  }
}

type Commit = { id: string; version: number; atMs: number }

async function write(sql: postgres.Sql, seed: number, untilMs: number, commits: Commit[]): Promise<void> {
  for (let turn = 0; performance.now() < untilMs; turn++) {
    const story = beginStory(Date.now())
    const logs = exampleLogs(story, { 'user.id': `student-of-${seed}` })
    const parts = turn % 2 === 0 ? [logs, [story.log('vividly.request.completed', 90_000)]] : [logs.slice(0, 1 + random(logs.length))]
    for (const part of parts) {
      const version = await sql.begin(async (tx) => {
        // Takes its place in the order of transactions early, and commits late.
        if (random(3) === 0) await tx`select pg_current_xact_id()`
        await tell(tx, part)
        if (random(5) === 0) await tx`select pg_sleep(${random(10) === 0 ? 0.5 : 0.02})`
        const [row] = await tx<{ version: number }[]>`select version::integer from content_requests where id = ${story.requestId}`
        return row?.version ?? NaN
      })
      commits.push({ id: story.requestId, version, atMs: performance.now() })
    }
    await sleep(random(60))
  }
}

/** What does not depend on the moment of reading. */
const settled = (rows: ReadonlyMap<string, RequestRow>) =>
  Object.fromEntries(
    [...rows].map(([id, row]) => [
      id,
      { ...row, elapsed_seconds: 0, time_progress_ratio: 0, expected_end: null, is_late: false, is_stalled: false },
    ]),
  )

async function freshRows(at: Monitoring): Promise<Map<string, RequestRow>> {
  const rows = new Map<string, RequestRow>()
  for (let cursor: string | null = ''; cursor !== null; ) {
    const answer = await at.request(`/requests?limit=200${cursor === '' ? '' : `&cursor=${cursor}`}`)
    const list = requestList.parse(await answer.json())
    for (const row of list.items) rows.set(row.id, row)
    cursor = list.next_cursor
  }
  return rows
}

/** Milliseconds from each commit to its first hearing. */
function delays({ heard }: Listener, commits: readonly Commit[]): number[] {
  const byId = Map.groupBy(heard, ({ id }) => id)
  return commits.map(({ id, version, atMs }) => {
    const first = byId.get(id)?.find((one) => one.version >= version)
    return first === undefined ? Infinity : Math.max(0, first.atMs - atMs)
  })
}

test(`three replicas, ten writers and a transaction open for ${seconds} s: every listener ends with what a fresh list shows`, { timeout: (seconds + 60) * 1000 }, async () => {
  const writes = postgres(test_.url, { max: WRITERS + 2, onnotice: () => {} })
  const steady = await Promise.all(replicas.map(async (replica) => {
    const listener = new Listener()
    await listener.join(replica)
    return listener
  }))
  const cutOften = await Promise.all(Array.from({ length: CUT_OFTEN }, async () => {
    const listener = new Listener()
    await listener.join(pick())
    return listener
  }))
  const untilMs = performance.now() + seconds * 1000
  const held = beginStory(Date.now())
  const holding = writes.begin(async (tx) => {
    await tell(tx, exampleLogs(held))
    await sleep(untilMs - performance.now())
  })
  let cuts = 0
  async function cutAgainAndAgain(listener: Listener): Promise<void> {
    while (performance.now() < untilMs) {
      await sleep(20 + random(250))
      await listener.leave()
      if (random(3) === 0) await sleep(random(400))
      await listener.join(pick())
      cuts += 1
    }
  }
  const commits: Commit[] = []
  await Promise.all([
    holding,
    ...cutOften.map(cutAgainAndAgain),
    ...Array.from({ length: WRITERS }, (_, seed) => write(writes, seed, untilMs, commits)),
  ])
  await writes.end()

  const fresh = settled(await freshRows(pick()))
  expect(Object.keys(fresh).toSorted()).toEqual([...new Set([held.requestId, ...commits.map(({ id }) => id)])].toSorted())
  for (const listener of [...steady, ...cutOften]) {
    await expect.poll(() => settled(listener.rows), { timeout: 10_000 }).toEqual(fresh)
    expect(listener.wentBack).toBe(0)
  }
  const took = steady.flatMap((listener) => delays(listener, commits)).toSorted((a, b) => a - b)
  expect(took.at(-1)).toBeLessThan(5_000)
  const quantile = (q: number): string => (took[Math.floor(q * (took.length - 1))] ?? NaN).toFixed(1)
  const resets = cutOften.reduce((sum, listener) => sum + listener.resets, 0) - CUT_OFTEN
  console.log(`${commits.length} commits, ${cuts} cuts, ${resets} of them answered by a reset; commit to listener p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms, at most ${quantile(1)} ms`)
  expect(replicas.flatMap(({ errors }) => errors)).toEqual([])
  for (const listener of [...steady, ...cutOften]) await listener.leave()
})
