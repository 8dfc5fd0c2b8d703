import type { WireAttribute, WireEvent, WireGroup, WireLogRecord, WireSpan } from '../wire.ts'

const startedNano = 1_709_234_567_890_123_456n

export const exampleSpan: WireSpan = {
  traceId: 'c1d17092345678900d601345a1b2c3d4',
  spanId: 'aaaaaaaaaaaaaaaa',
  parentSpanId: '0d601345a1b2c3d4',
  name: 'stage validation',
  kind: 1,
  startTimeUnixNano: startedNano,
  endTimeUnixNano: startedNano + 2_000_000_999n,
  attributes: [{ key: 'vividly.stage.name', value: 'validation' }],
  droppedAttributesCount: 0,
  events: [],
  statusCode: 0,
  statusMessage: '',
}

export const exampleEvent: WireEvent = {
  name: 'exception',
  timeUnixNano: startedNano,
  attributes: [{ key: 'exception.type', value: 'TimeoutError' }],
  droppedAttributesCount: 0,
}

export const exampleLogRecord: WireLogRecord = {
  traceId: exampleSpan.traceId,
  spanId: exampleSpan.spanId,
  eventName: 'vividly.stage.started',
  timeUnixNano: startedNano,
  observedTimeUnixNano: startedNano + 5_000n,
  severityNumber: 9,
  body: 'validation started',
  attributes: [{ key: 'vividly.stage.name', value: 'validation' }],
  droppedAttributesCount: 0,
}

export const exampleResource: WireAttribute[] = [
  { key: 'service.name', value: 'content-worker' },
  { key: 'host.name', value: 'worker-1' },
  { key: 'service.instance.id', value: 'i-1' },
]

/** One request of one resource and scope. */
export function groupOf<WireRecord>(...records: WireRecord[]): WireGroup<WireRecord>[] {
  return [{ path: 'resourceSpans[0].scopeSpans[0].spans', resource: exampleResource, scope: 'example', records }]
}
