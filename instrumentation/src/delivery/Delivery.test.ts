import { afterEach, describe, expect, it } from 'vitest'
import { RequestTracker } from '../RequestTracker.ts'
import { instrumentForTest } from '../testing/instrumentForTest.ts'
import type { TestInstrumentation } from '../testing/instrumentForTest.ts'
import { traceIdOf } from '../identity.ts'
import { logger, tracer } from '../scope.ts'
import { Delivery } from './Delivery.ts'
import type { Gap } from './GapLedger.ts'
import type { Outcome } from './makeSender.ts'
import type { Parcel, Priority } from './Parcel.ts'
import type { Timing } from './Timing.ts'

let otel: TestInstrumentation | undefined
afterEach(async () => {
  await otel?.stop()
  otel = undefined
})

const LIFE_CYCLE = /^vividly\.(request|stage)\.(created|started|completed|failed|skipped)$/
const settle = () => new Promise((resolve) => setImmediate(resolve))

/** A clock that moves only when told to, and runs on the way what is due. */
function makeTiming() {
  let nowMs = 0
  let nextId = 0
  const due = new Map<number, { atMs: number; run: () => void }>()
  const timing: Timing = {
    nowMs: () => nowMs,
    random: () => 1,
    after(delayMs, run) {
      const id = (nextId += 1)
      due.set(id, { atMs: nowMs + delayMs, run })
      return () => due.delete(id)
    },
  }
  async function pass(ms: number): Promise<void> {
    const untilMs = nowMs + ms
    await settle()
    for (;;) {
      const [next] = [...due].sort(([, a], [, b]) => a.atMs - b.atMs)
      if (next === undefined || next[1].atMs > untilMs) break
      due.delete(next[0])
      nowMs = next[1].atMs
      next[1].run()
      await settle()
    }
    nowMs = untilMs
  }
  return { timing, pass }
}

function makeParcel(traceId: string, priority: Priority, atMs: number): Parcel {
  const tallies = [{ traceId, records: 1, spans: 0, fromMs: atMs, toMs: atMs }]
  return { signal: 'logs', encoding: 'http/json', priority, body: Buffer.alloc(1000), tallies }
}

describe('ten minutes without a receiver, under 50 requests in flight', () => {
  async function run(maxBytes: number) {
    const { timing, pass } = makeTiming()
    let outcome: Outcome = { kind: 'failed', cause: new Error('down') }
    let posts = 0
    const made: Parcel[] = []
    const delivered: Parcel[] = []
    const gaps: Gap[] = []
    const send = async (parcels: readonly Parcel[]): Promise<Outcome> => {
      posts += 1
      if (outcome.kind === 'delivered') delivered.push(...parcels)
      return outcome
    }
    const delivery = new Delivery({
      sends: { logs: send, traces: send },
      maxBytes,
      timing,
      tell: (gap) => gaps.push(gap),
      seal: async () => {},
    })
    for (let second = 0; second < 600; second += 1) {
      const request = `request ${second % 50}`
      for (const priority of ['life_cycle', 'diagnostic'] as const) {
        const parcel = makeParcel(request, priority, timing.nowMs())
        made.push(parcel)
        delivery.accept({ parcels: [parcel], unserializable: [] })
      }
      delivery.wake()
      expect(delivery.bytes).toBeLessThanOrEqual(maxBytes)
      await pass(1000)
    }
    const postsMeanwhile = posts
    outcome = { kind: 'delivered' }
    await pass(20_000)
    return { made, delivered, gaps, postsMeanwhile }
  }

  it('loses nothing that there is room for, and asks every ten seconds at most', async () => {
    const { made, delivered, gaps, postsMeanwhile } = await run(33_554_432)
    expect(new Set(delivered)).toEqual(new Set(made))
    expect(delivered).toHaveLength(made.length)
    expect(gaps).toEqual([])
    expect(postsMeanwhile).toBeGreaterThan(55)
    expect(postsMeanwhile).toBeLessThan(70)
  })

  it('beyond its memory loses diagnostics first, and tells every request exactly what', async () => {
    const { made, delivered, gaps } = await run(1_200_000)
    const lost = made.filter((parcel) => !delivered.includes(parcel))
    expect(lost.length).toBeGreaterThan(300)
    expect(new Set(lost.map(({ priority }) => priority))).toEqual(new Set(['diagnostic']))
    expect(gaps).toHaveLength(50)
    for (const gap of gaps) {
      const ofRequest = lost.flatMap(({ tallies }) => tallies).filter(({ traceId }) => traceId === gap.traceId)
      expect(gap).toMatchObject({ records: ofRequest.length, spans: 0, reasons: ['memory_full'] })
      expect(gap.fromMs).toBe(Math.min(...ofRequest.map(({ fromMs }) => fromMs)))
      expect(gap.toMs).toBe(Math.max(...ofRequest.map(({ toMs }) => toMs)))
    }
  })
})

it('outlives a sender and a teller that throw', async () => {
  const { timing, pass } = makeTiming()
  const delivered: Parcel[] = []
  let posts = 0
  const delivery = new Delivery({
    sends: {
      logs: async (parcels) => {
        posts += 1
        if (posts === 1) throw new Error('broken')
        delivered.push(...parcels)
        return { kind: 'delivered' }
      },
      traces: () => new Promise(() => {}),
    },
    maxBytes: 2000,
    timing,
    tell: () => {
      throw new Error('no telling')
    },
    seal: async () => {},
  })
  const parcels = [1, 2, 3].map((atMs) => makeParcel('a', 'life_cycle', atMs))
  delivery.accept({ parcels, unserializable: [] })
  delivery.wake()
  await pass(30_000)
  expect(delivered).toEqual(parcels.slice(2))
  delivery.accept({ parcels: parcels.slice(0, 1), unserializable: [] })
  delivery.wake()
  await pass(30_000)
  expect(delivered).toHaveLength(2)
})

describe('against a receiver', () => {
  it('gets the others where a record runs in a circle', async () => {
    otel = await instrumentForTest()
    const circle: Record<string, unknown> = {}
    circle['self'] = circle
    for (const attributes of [{ circle }, {}]) logger().emit({ eventName: 'host', attributes })
    await otel.flush()
    expect(otel.sink.records.filter(({ eventName }) => eventName === 'host').length).toBeGreaterThan(0)
    expect(otel.warnings.filter((warning) => warning.startsWith('vividly'))).toEqual([])
  })

  it('gets everything from before an outage, and gets it once', async () => {
    otel = await instrumentForTest({ mode: 503, env: { OTEL_BLRP_SCHEDULE_DELAY: '5', OTEL_BSP_SCHEDULE_DELAY: '5' } })
    const tracker = new RequestTracker()
    for (let at = 0; at < 50; at += 1) {
      const { correlationId: id } = tracker.createRequest({ studentId: 's', topic: 't' })
      await tracker.trackStage(id, 'validation', () => {})
      tracker.completeRequest(id)
    }
    await otel.flush()
    expect(otel.sink.records).toEqual([])
    otel.sink.mode = 'ok'
    await otel.flush()
    expect(otel.sink.records.filter(({ eventName }) => LIFE_CYCLE.test(eventName))).toHaveLength(200)
    expect(new Set(otel.sink.records.map(({ attributes }) => attributes['log.record.uid'])).size).toBe(200)
    expect(otel.sink.spans).toHaveLength(100)
  })

  it('gets a burst of 20,000 records and spans whole', async () => {
    otel = await instrumentForTest({ flushTimeoutMs: 30_000 })
    for (let at = 0; at < 20_000; at += 1) {
      logger().emit({ eventName: 'burst', body: `number ${at}` })
      tracer().startSpan('burst').end()
    }
    await otel.flush()
    expect(otel.sink.records).toHaveLength(20_000)
    expect(otel.sink.spans).toHaveLength(20_000)
  })

  it('is told of a loss by its request, exactly', async () => {
    otel = await instrumentForTest({
      mode: 503,
      maxBufferBytes: 150_000,
      env: { OTEL_BLRP_SCHEDULE_DELAY: '5', OTEL_BSP_SCHEDULE_DELAY: '5', OTEL_TRACES_EXPORTER: 'none' },
    })
    const tracker = new RequestTracker()
    const ids = [0, 1].map(() => tracker.createRequest({ studentId: 's', topic: 't' }).correlationId)
    for (let at = 0; at < 400; at += 1) {
      for (const id of ids) tracker.logEvent(id, 'api_call', { message: `call ${at}`, data: { at } })
      if (at % 50 === 0) await otel.flush()
    }
    otel.sink.mode = 'ok'
    await otel.flush()
    for (const id of ids) {
      const ofRequest = otel.sink.records.filter(({ traceId }) => traceId === traceIdOf(id))
      const gaps = ofRequest.filter(({ eventName }) => eventName === 'vividly.telemetry.gap')
      const lost = gaps.map(({ attributes }) => Number(attributes['vividly.telemetry.lost_records']))
      const lostRecords = lost.reduce((sum, records) => sum + records, 0)
      expect(lostRecords).toBeGreaterThan(100)
      expect(ofRequest.length - gaps.length + lostRecords).toBe(401)
      expect(gaps[0]?.attributes['vividly.telemetry.lost_reasons']).toEqual(['memory_full'])
      expect(ofRequest.filter(({ eventName }) => eventName === 'vividly.request.created')).toHaveLength(1)
    }
  })
})
