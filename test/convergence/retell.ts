import { decodeLogs, decodeTraces } from '../../tracker-api/src/otlp/decode.ts'
import { encodeJsonLogRecords, encodeJsonSpans } from '../../tracker-api/src/otlp/testing/encodeJson.ts'
import { encodeProtobufLogRecords, encodeProtobufSpans } from '../../tracker-api/src/otlp/testing/encodeProtobuf.ts'
import type { WireGroup, WireLogRecord, WireSpan } from '../../tracker-api/src/otlp/wire.ts'
import type { SignalBatch } from '../../tracker-api/src/signal.ts'
import type { Process, Told } from './historyArbitrary.ts'

/** One batch through the wire: encoded as SDKs do, and decoded. */
export function retell(told: readonly Told[], isJson: boolean): SignalBatch {
  const spans = told.flatMap((one): WireGroup<WireSpan>[] => ('span' in one ? [groupOf(one.by, one.span)] : []))
  const logs = told.flatMap((one): WireGroup<WireLogRecord>[] => ('log' in one ? [groupOf(one.by, one.log)] : []))
  const ofSpans = isJson ? decodeTraces(encodeJsonSpans(spans), 'json') : decodeTraces(encodeProtobufSpans(spans), 'protobuf')
  const ofLogs = isJson ? decodeLogs(encodeJsonLogRecords(logs), 'json') : decodeLogs(encodeProtobufLogRecords(logs), 'protobuf')
  return {
    spans: ofSpans.spans,
    logs: [...ofSpans.logs, ...ofLogs.logs],
    refusals: [...ofSpans.refusals, ...ofLogs.refusals],
  }
}

function groupOf<WireRecord>({ service, instance }: Process, record: WireRecord): WireGroup<WireRecord> {
  const resource = [{ key: 'service.name', value: service }, { key: 'service.instance.id', value: instance }]
  return { path: '', resource, scope: 'history', records: [record] }
}
