import { randomUUID } from 'node:crypto'
import type { EventContent } from '@vividly/instrumentation/events'
import type { Identity } from '@vividly/instrumentation/identity'
import {
  ATTR_HOST_NAME, ATTR_LOG_RECORD_UID, ATTR_PIPELINE_NAME, ATTR_SERVICE_NAME,
} from '@vividly/instrumentation/semconv'
import { toLogBatch, toSpanBatch } from '../../otlp/toBatch.ts'
import type { WireLogRecord, WireSpan, WireValue } from '../../otlp/wire.ts'
import type { SignalBatch } from '../../signal.ts'

const SCOPE = '@vividly/instrumentation'
/** OTLP's numbers. */
const SEVERITY = { info: 9, warning: 13, error: 17, critical: 21 } as const
const KIND_INTERNAL = 1
const STATUS_UNSET = 0
const STATUS_ERROR = 2

export type TellingSource = { service?: string | undefined; host?: string | undefined }

export type ToldSpan = {
  name: string
  spanId: string
  parentSpanId: string
  startUs: number
  attributes: object
  /** It ended in an error, which this tells. */
  errorMessage?: string | undefined
}

/** What one call tells of one request, in the wire's shape: from there on it goes the way of OTLP, repairs and limits too. */
export class Telling {
  readonly identity: Identity
  readonly pipeline: string
  /** When it happened. */
  readonly timeUs: number
  readonly #uid: string
  readonly #source: TellingSource
  readonly #logs: WireLogRecord[] = []
  readonly #spans: WireSpan[] = []

  /** @param uid of the record: the same again is the same record. */
  constructor(identity: Identity, pipeline: string, timeUs: number, source: TellingSource, uid: string = randomUUID()) {
    this.identity = identity
    this.pipeline = pipeline
    this.timeUs = timeUs
    this.#source = source
    this.#uid = uid
  }

  event({ name, message, severity = 'info', attributes }: EventContent, spanId: string = this.identity.rootSpanId): void {
    const timeUnixNano = toNanoseconds(this.timeUs)
    this.#logs.push({
      traceId: this.identity.traceId,
      spanId,
      eventName: name,
      timeUnixNano,
      observedTimeUnixNano: timeUnixNano,
      severityNumber: SEVERITY[severity],
      body: message,
      attributes: toEntries({ ...attributes, [ATTR_PIPELINE_NAME]: this.pipeline, [ATTR_LOG_RECORD_UID]: this.#uid }),
      droppedAttributesCount: 0,
    })
  }

  /** A span that ends now; where clocks differ, when it began at the earliest. */
  span({ name, spanId, parentSpanId, startUs, attributes, errorMessage }: ToldSpan): void {
    this.#spans.push({
      traceId: this.identity.traceId,
      spanId,
      parentSpanId,
      name,
      kind: KIND_INTERNAL,
      startTimeUnixNano: toNanoseconds(startUs),
      endTimeUnixNano: toNanoseconds(Math.max(startUs, this.timeUs)),
      attributes: toEntries(attributes),
      droppedAttributesCount: 0,
      events: [],
      statusCode: errorMessage === undefined ? STATUS_UNSET : STATUS_ERROR,
      statusMessage: errorMessage ?? '',
    })
  }

  toBatch(): SignalBatch {
    const { service, host } = this.#source
    const resource = toEntries({ [ATTR_SERVICE_NAME]: service, [ATTR_HOST_NAME]: host })
    const logs = toLogBatch([{ path: 'records', resource, scope: SCOPE, records: this.#logs }])
    const spans = toSpanBatch([{ path: 'spans', resource, scope: SCOPE, records: this.#spans }])
    return {
      spans: spans.spans,
      logs: [...logs.logs, ...spans.logs],
      refusals: [...logs.refusals, ...spans.refusals],
    }
  }
}

const toNanoseconds = (us: number): bigint => BigInt(Math.trunc(us)) * 1000n

function toEntries(map: object): { key: string; value: WireValue }[] {
  return Object.entries(map).flatMap(([key, value]: [string, unknown]) => (value === undefined ? [] : [{ key, value: toWire(value) }]))
}

function toWire(value: unknown): WireValue {
  if (Array.isArray(value)) return { list: value.map(toWire) }
  if (typeof value === 'object' && value !== null) return { entries: toEntries(value) }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
}
