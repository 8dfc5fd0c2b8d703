import fc from 'fast-check'
import type { Attributes, LogSignal, SignalBatch, SpanSignal } from '../signal.ts'

/** One signal of either kind, as a test shuffles them. */
export type AnySignal = { span: SpanSignal } | { log: LogSignal }

const stages = ['validation', 'rag_retrieval', 'video_generation', 'notification', 'my_own_stage']
const requestAttributes: fc.Arbitrary<Attributes> = fc.record(
  {
    'vividly.request.topic': fc.constantFrom('Photosynthesis', 'Cell division', ''),
    'vividly.organization.id': fc.constantFrom('north', 'south'),
    'vividly.pipeline.name': fc.constantFrom('content_generation', 'another'),
    'user.id': fc.constantFrom('student-1', 'student-2'),
    'user.full_name': fc.constantFrom('Jane Doe', 'Jane D.'),
    'vividly.request.video_url': fc.constantFrom('https://cdn.example/1', 'https://cdn.example/2'),
    'exception.message': fc.constantFrom('quota exceeded', 'time-out'),
    'exception.type': fc.constant('ProviderError'),
  },
  { requiredKeys: [] },
)
const stageAttributes: fc.Arbitrary<Attributes> = fc
  .record(
    {
      'vividly.stage.attempt': fc.integer({ min: 1, max: 3 }),
      'vividly.stage.max_attempts': fc.integer({ min: 3, max: 5 }),
      'vividly.stage.output': fc.constantFrom('{"chunks":5}', '{"chunks":4,"note":null}'),
      'vividly.stage.progress.ratio': fc.constantFrom(0.2, 0.7),
      'vividly.retry.delay_ms': fc.constantFrom(500, 2000),
      'vividly.retry.reason': fc.constantFrom('429', '500'),
      'exception.message': fc.constantFrom('quota exceeded', 'time-out'),
      'vividly.pipeline.name': fc.constantFrom('content_generation', 'another'),
    },
    { requiredKeys: [] },
  )
  .chain((attributes) => fc.constantFrom(...stages).map((name) => ({ ...attributes, 'vividly.stage.name': name })))
const breakerAttributes: fc.Arbitrary<Attributes> = fc.record({
  'vividly.circuit_breaker.name': fc.constantFrom('gemini', 'nano_banana'),
  'vividly.circuit_breaker.state': fc.constantFrom('closed', 'open', 'half_open'),
  'vividly.circuit_breaker.calls': fc.nat(9),
  'vividly.circuit_breaker.slow_calls': fc.nat(9),
})
const requestEvents = ['created', 'started', 'completed', 'failed', 'cancelled'].map((name) => `vividly.request.${name}`)
const stageEvents = [
  ...['started', 'heartbeat', 'completed', 'failed', 'skipped'].map((name) => `vividly.stage.${name}`),
  'vividly.retry',
  'vividly.api_call',
  'cache.warmed',
]

/** Few distinct times, names and values, so that ties and contradictions are common. */
const timeUs = (startMs: number): fc.Arbitrary<number> => fc.nat(8).map((step) => (startMs + step) * 1000)

const source = fc.constantFrom(
  { service: 'script-worker', host: 'a', instance: 'a1' },
  { service: 'video-worker', host: 'b', instance: 'b1' },
)

function logArbitrary(traceId: string, startMs: number): fc.Arbitrary<AnySignal> {
  const named = fc.oneof(
    fc.record({ event_name: fc.constantFrom(...requestEvents), attributes: requestAttributes }),
    fc.record({ event_name: fc.constantFrom(...stageEvents), attributes: stageAttributes }),
    fc.record({
      event_name: fc.constantFrom('vividly.circuit_breaker.state_changed', 'vividly.circuit_breaker.status'),
      attributes: breakerAttributes,
    }),
  )
  return fc
    .record({
      named,
      source,
      span_id: fc.constantFrom('aaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbb'),
      message: fc.constantFrom(null, 'said so'),
      severity: fc.constantFrom('info' as const, 'error' as const),
      time_us: timeUs(startMs),
      uid: fc.constantFrom(null, 'uid-1', 'uid-2'),
    })
    .map(({ named, source, ...rest }) => ({ log: { trace_id: traceId, ...rest, ...named, ...source } }))
}

function spanArbitrary(traceId: string, startMs: number): fc.Arbitrary<AnySignal> {
  const rootSpanId = traceId.slice(16)
  const shape = fc.oneof(
    fc.record({ span_id: fc.constant(rootSpanId), attributes: requestAttributes }),
    fc.record({ span_id: fc.constantFrom('aaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbb'), attributes: stageAttributes }),
    fc.record({ span_id: fc.constantFrom('cccccccccccccccc', 'dddddddddddddddd'), attributes: fc.constant({ 'vividly.x': 1 }) }),
  )
  return fc
    .record({
      shape,
      source,
      status_code: fc.constantFrom(0, 1, 2),
      status_message: fc.constantFrom(null, 'broke'),
      started_us: timeUs(startMs),
      lasted_us: fc.constantFrom(0, 1000, 5000),
    })
    .map(({ shape, source, lasted_us, ...rest }) => ({
      span: {
        trace_id: traceId,
        parent_span_id: shape.span_id === rootSpanId ? null : rootSpanId,
        name: 'work',
        kind: 1,
        ...rest,
        ...shape,
        ended_us: rest.started_us + lasted_us,
        exception: null,
        scope: 'test',
        ...source,
      },
    }))
}

/** Any signals of one trace, contradictory ones too. */
export function signalsArbitrary(traceId: string, startMs: number): fc.Arbitrary<AnySignal[]> {
  return fc.array(fc.oneof(logArbitrary(traceId, startMs), spanArbitrary(traceId, startMs)), { minLength: 1, maxLength: 24 })
}

export function toBatch(signals: readonly AnySignal[]): SignalBatch {
  return {
    spans: signals.flatMap((signal) => ('span' in signal ? [signal.span] : [])),
    logs: signals.flatMap((signal) => ('log' in signal ? [signal.log] : [])),
    refusals: [],
  }
}

/** The signals in another order, some twice, cut into batches. */
export function retellingArbitrary(signals: readonly AnySignal[]): fc.Arbitrary<AnySignal[][]> {
  return fc
    .tuple(
      fc.shuffledSubarray([...signals], { minLength: signals.length }),
      fc.subarray([...signals]),
      fc.integer({ min: 1, max: 6 }),
    )
    .map(([shuffled, again, size]) => {
      const all = [...shuffled, ...again]
      return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size))
    })
}
