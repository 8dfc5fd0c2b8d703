import type { SignalBatch } from '../signal.ts'
import { readJsonLogRecords, readJsonSpans } from './readJson.ts'
import { readProtobufLogRecords, readProtobufSpans } from './readProtobuf.ts'
import { toLogBatch, toSpanBatch } from './toBatch.ts'

export const ENCODINGS = ['json', 'protobuf'] as const
export type Encoding = (typeof ENCODINGS)[number]

/**
 * An ExportTraceServiceRequest as signals: the same data gives the same signals in either encoding.
 * A record that can't become one is among the refusals; throws `UnreadableBody` where the request as a whole
 * can't be read, and nothing else.
 */
export function decodeTraces(body: Buffer, encoding: Encoding): SignalBatch {
  return toSpanBatch(encoding === 'json' ? readJsonSpans(body) : readProtobufSpans(body))
}

/** An ExportLogsServiceRequest as signals; see {@link decodeTraces}. */
export function decodeLogs(body: Buffer, encoding: Encoding): SignalBatch {
  return toLogBatch(encoding === 'json' ? readJsonLogRecords(body) : readProtobufLogRecords(body))
}
