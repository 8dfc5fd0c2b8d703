import { traceIdOf } from '@vividly/instrumentation/identity'
import { DEFAULT_STAGES } from '@vividly/instrumentation/semconv'
import fc from 'fast-check'
import type { WireAttribute, WireLogRecord, WireSpan, WireValue } from '../../tracker-api/src/otlp/wire.ts'

/** Which process says something; its clock goes as it likes. */
export type Process = { service: string; instance: string; skewMs: number }
export type Told = { by: Process } & ({ log: WireLogRecord } | { span: WireSpan })
/** What services tell of one request, in no order that means anything. No two times are the same. */
export type History = { traceId: string; isOurs: boolean; startMs: number; told: Told[] }

const STAGES = [...DEFAULT_STAGES, 'colour_grading']

/**
 * Histories with retries, cancellations, skipped stages, two processes, skewed clocks and signals that got lost.
 * @param number of the history, from 0 to 255: no two numbers have a trace ID in common
 */
export function historyArbitrary(startMs: number, number: number): fc.Arbitrary<History> {
  // A whole history from one number: it has thousands of choices, and shrinking them one by one would take for ever.
  return fc.noBias(fc.nat({ max: 2 ** 31 - 1 })).map((seed): History => {
    const draw = drawFrom(seed + number * 7_919)
    const chance = (percent: number): boolean => draw() * 100 < percent
    const upTo = (most: number): number => Math.floor(draw() * (most + 1))
    const random = hex(number * 2 ** 24 + upTo(0xffffff))
    const more = hex(upTo(0xffffffff))
    const isOurs = chance(75)
    const foreign = `${chance(30) ? 'c1d7' : 'abcd'}${random}${more}${random}${more}`.slice(0, 32)
    const traceId = isOurs ? traceIdOf(`vvd_${startMs + upTo(999)}_${random}`) : foreign.padEnd(32, '5')
    const rootSpanId = isOurs ? traceId.slice(16) : 'f0f0f0f0f0f0f0f0'
    const processes: Process[] = [
      { service: 'script-worker', instance: 'a', skewMs: 0 },
      { service: 'video-worker', instance: 'b', skewMs: upTo(20_000) - 10_000 },
    ]
    const told: Told[] = []
    let atMs = 1
    let moments = 0

    /** Microseconds below the millisecond count the moments, so that each is its own. */
    const nano = (by: Process, offsetMs = 0): bigint =>
      BigInt(startMs + atMs + offsetMs + by.skewMs) * 1_000_000n + BigInt(moments++) * 1_000n
    const someone = (): Process => processes[upTo(1)] ?? { service: '', instance: '', skewMs: 0 }
    const tell = (signal: Told): void => void (chance(88) && told.push(signal))

    function log(by: Process, eventName: string, values: Record<string, WireValue>, body: WireValue = null, spanId = rootSpanId): void {
      const attributes = attributesOf({ ...values, 'log.record.uid': `${by.instance}-${moments}` })
      const time = nano(by)
      tell({ by, log: { traceId, spanId, eventName, timeUnixNano: time, observedTimeUnixNano: time, severityNumber: 9, body, attributes, droppedAttributesCount: 0 } })
    }
    function span(by: Process, spanId: string, lastedMs: number, values: Record<string, WireValue>, statusMessage: string | undefined): void {
      const parentSpanId = spanId === rootSpanId ? '' : rootSpanId
      const [startTimeUnixNano, endTimeUnixNano] = [nano(by, -lastedMs), nano(by)]
      const [statusCode, message] = statusMessage === undefined ? [0, ''] : [2, statusMessage]
      tell({ by, span: { traceId, spanId, parentSpanId, name: 'work', kind: 1, startTimeUnixNano, endTimeUnixNano, events: [], statusCode, statusMessage: message, attributes: attributesOf(values), droppedAttributesCount: 0 } })
    }

    const asked = {
      'vividly.request.topic': ['Tides', 'Cells', 'Light'][upTo(2)] ?? '',
      'vividly.organization.id': ['north', 'south'][upTo(1)] ?? '',
      'user.id': `student-${upTo(3)}`,
    }
    log(someone(), 'vividly.request.created', asked)
    if (chance(80)) log(someone(), 'vividly.request.started', {})

    const lastStage = upTo(STAGES.length)
    for (const [place, stage] of STAGES.slice(0, lastStage).entries()) {
      const named = { 'vividly.stage.name': stage, ...(chance(50) && { 'vividly.stage.max_attempts': BigInt(3 + upTo(2)) }) }
      if (chance(10)) {
        log(someone(), 'vividly.stage.skipped', named)
        continue
      }
      const attempts = chance(70) ? 1 : 2 + upTo(1)
      const endsAs = chance(85) ? 'completed' : chance(50) ? 'failed' : 'running'
      for (let attempt = 1; attempt <= attempts; attempt++) {
        const by = someone()
        const run = { ...named, ...((attempt > 1 || chance(50)) && { 'vividly.stage.attempt': BigInt(attempt) }) }
        const spanId = `${hex(place * 16 + attempt)}${more}`
        const failure = `broke ${upTo(2)}`
        atMs += 1 + upTo(400)
        log(by, 'vividly.stage.started', run, `${stage} started`, spanId)
        // A queue that delivers twice: somebody else begins the same attempt again.
        if (chance(8)) log(someone(), 'vividly.stage.started', run, 'again', spanId)
        for (let beats = upTo(2); beats > 0; beats--) {
          atMs += 5
          log(by, 'vividly.stage.heartbeat', { ...run, 'vividly.stage.progress.ratio': 0.5 }, null, spanId)
        }
        if (chance(40)) log(by, 'vividly.api_call', { 'vividly.stage.name': stage, tokens: BigInt(upTo(99)) }, 'called', spanId)
        const lastedMs = 1 + upTo(300)
        atMs += lastedMs
        if (attempt < attempts) {
          log(by, 'vividly.retry', { ...run, 'vividly.retry.delay_ms': BigInt(500 * upTo(4)), 'vividly.retry.reason': failure }, null, spanId)
        } else if (endsAs === 'completed') {
          const output = { 'vividly.stage.output': `{"of":"${stage}","number":${upTo(3)}}` }
          log(by, 'vividly.stage.completed', { ...run, ...(chance(60) && output) }, `${stage} completed`, spanId)
          if (chance(60)) span(by, spanId, lastedMs, { ...run, ...(chance(50) && output) }, undefined)
        } else if (endsAs === 'failed') {
          log(by, 'vividly.stage.failed', { ...run, 'exception.message': failure }, 'failed', spanId)
          if (chance(60)) span(by, spanId, lastedMs, run, failure)
        }
      }
    }

    atMs += 10
    const end = ['completed', 'completed', 'completed', 'failed', 'cancelled', undefined][upTo(5)]
    if (end !== undefined) {
      const result = end === 'completed' ? { 'vividly.request.video_url': `https://cdn.example/${upTo(9)}` } : {}
      const why = end === 'failed' ? { 'exception.message': 'gave up', ...(chance(50) && { 'vividly.stage.name': STAGES[0] ?? '' }) } : {}
      log(someone(), `vividly.request.${end}`, { ...result, ...why })
      // A second word, as when a sweeper cancels what has ended meanwhile.
      if (chance(10)) log(someone(), 'vividly.request.cancelled', {})
      if (chance(50)) span(someone(), rootSpanId, atMs, { ...asked, ...result, 'vividly.request.status': end }, end === 'failed' ? 'gave up' : undefined)
    }
    // Something must have arrived, and of a foreign trace something that says whose it is.
    if (told.length === 0) told.push({ by: someone(), log: { traceId, spanId: rootSpanId, eventName: 'vividly.request.created', timeUnixNano: nano(someone()), observedTimeUnixNano: 1n, severityNumber: 9, body: null, attributes: [], droppedAttributesCount: 0 } })
    return { traceId, isOurs, startMs, told }
  })
}

/** Numbers from 0 to 1 (mulberry32). */
function drawFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function attributesOf(values: Record<string, WireValue>): WireAttribute[] {
  return Object.entries(values).map(([key, value]) => ({ key, value }))
}

function hex(number: number): string {
  return number.toString(16).padStart(8, '0')
}
