import { TraceFlags } from '@opentelemetry/api'
import type { LogRecordProcessor, ReadableLogRecord } from '@opentelemetry/sdk-logs'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace'
import { Delivery } from './Delivery.ts'
import type { DeliveryOptions } from './Delivery.ts'
import { Intake } from './Intake.ts'
import { priorityOfRecord, priorityOfSpan } from './itemsOf.ts'
import type { Encoding, Signal } from './Parcel.ts'
import { packRecords, packSpans } from './sealParcels.ts'

export type BatchLimits = { delayMs: number; maxItems: number; maxParcelItems: number }

/** What a process that is killed may not have on disk yet. */
const WRITE_AHEAD_MS = 20

export type StartDeliveryOptions = Omit<DeliveryOptions, 'seal'> & {
  encodings: Readonly<Record<Signal, Encoding>>
  limits: Readonly<Record<Signal, BatchLimits>>
}

export type RunningDelivery = {
  delivery: Delivery
  spanProcessor: SpanProcessor
  logRecordProcessor: LogRecordProcessor
}

/** The SDK's processors of both signals in front of one delivery, which alone stops them. */
export function startDelivery({ encodings, limits, ...options }: StartDeliveryOptions): RunningDelivery {
  const shareBytes = options.maxBytes / 8
  const delivery: Delivery = new Delivery({
    ...options,
    maxBytes: options.maxBytes - 2 * shareBytes,
    seal: async () => void (await Promise.all([records.seal(), spans.seal()])),
  })
  const common = {
    timing: options.timing,
    maxBytes: shareBytes,
    accept: delivery.accept.bind(delivery),
    onSealed: () => delivery.wake(),
  }
  const records = new Intake<ReadableLogRecord>({
    ...common,
    ...limits.logs,
    ...(options.spool !== undefined && { urgentDelayMs: WRITE_AHEAD_MS }),
    packing: packRecords(encodings.logs),
    priorityOf: priorityOfRecord,
  })
  const spans = new Intake<ReadableSpan>({
    ...common,
    ...limits.traces,
    packing: packSpans(encodings.traces),
    priorityOf: priorityOfSpan,
  })
  const flush = async (): Promise<void> => void (await delivery.flush())
  const stopping = { forceFlush: flush, shutdown: async () => {} }
  return {
    delivery,
    spanProcessor: {
      ...stopping,
      onStart: () => {},
      onEnd(span) {
        if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0) spans.add(span)
      },
    },
    logRecordProcessor: { ...stopping, onEmit: (record) => records.add(record) },
  }
}
