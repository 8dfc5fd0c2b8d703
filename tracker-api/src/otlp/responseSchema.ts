/**
 * What we write of OTLP 1.x and of its answers, by field number (opentelemetry-proto: the collector services; google.rpc.Status).
 * Requests are read by hand: readProtobuf.ts.
 */
import protobuf from 'protobufjs/light.js'

type Field = [id: number, type: string]

function message(fields: Record<string, Field>) {
  return { fields: Object.fromEntries(Object.entries(fields).map(([name, [id, type]]) => [name, { id, type }])) }
}

const root = protobuf.Root.fromJSON({
  nested: {
    TracesResponse: message({ partialSuccess: [1, 'TracesPartialSuccess'] }),
    TracesPartialSuccess: message({ rejectedSpans: [1, 'int64'], errorMessage: [2, 'string'] }),
    LogsResponse: message({ partialSuccess: [1, 'LogsPartialSuccess'] }),
    LogsPartialSuccess: message({ rejectedLogRecords: [1, 'int64'], errorMessage: [2, 'string'] }),
    Status: message({ code: [1, 'int32'], message: [2, 'string'] }),
  },
})

export const TracesResponse: protobuf.Type = root.lookupType('TracesResponse')
export const LogsResponse: protobuf.Type = root.lookupType('LogsResponse')
export const Status: protobuf.Type = root.lookupType('Status')
