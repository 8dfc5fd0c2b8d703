/**
 * OTLP's requests for protobufjs, by field number (opentelemetry-proto: common, resource, trace, logs and their collector
 * services), to write bodies with and to hold our own reader against.
 *
 * An AnyValue is left as bytes wherever it occurs and read one level at a time, so that its depth can be limited.
 * `proto2` is said only for its rule of text: bytes that are no UTF-8 become U+FFFD instead of an error.
 */
import protobuf from 'protobufjs/light.js'

type Field = [id: number, type: string, repeated?: 'repeated']

function message(fields: Record<string, Field>, oneofs?: Record<string, { oneof: string[] }>) {
  return {
    edition: 'proto2',
    fields: Object.fromEntries(
      Object.entries(fields).map(([name, [id, type, rule]]) => [name, { id, type, ...(rule ? { rule } : {}) }]),
    ),
    ...(oneofs ? { oneofs } : {}),
  }
}

const root = protobuf.Root.fromJSON({
  nested: {
    TracesRequest: message({ resourceSpans: [1, 'ResourceSpans', 'repeated'] }),
    ResourceSpans: message({ resource: [1, 'Resource'], scopeSpans: [2, 'ScopeSpans', 'repeated'] }),
    ScopeSpans: message({ scope: [1, 'Scope'], spans: [2, 'Span', 'repeated'] }),
    LogsRequest: message({ resourceLogs: [1, 'ResourceLogs', 'repeated'] }),
    ResourceLogs: message({ resource: [1, 'Resource'], scopeLogs: [2, 'ScopeLogs', 'repeated'] }),
    ScopeLogs: message({ scope: [1, 'Scope'], logRecords: [2, 'LogRecord', 'repeated'] }),
    Resource: message({ attributes: [1, 'KeyValue', 'repeated'] }),
    Scope: message({ name: [1, 'string'] }),
    Span: message({
      traceId: [1, 'bytes'],
      spanId: [2, 'bytes'],
      parentSpanId: [4, 'bytes'],
      name: [5, 'string'],
      kind: [6, 'int32'],
      startTimeUnixNano: [7, 'fixed64'],
      endTimeUnixNano: [8, 'fixed64'],
      attributes: [9, 'KeyValue', 'repeated'],
      droppedAttributesCount: [10, 'uint32'],
      events: [11, 'SpanEvent', 'repeated'],
      status: [15, 'SpanStatus'],
    }),
    SpanEvent: message({
      timeUnixNano: [1, 'fixed64'],
      name: [2, 'string'],
      attributes: [3, 'KeyValue', 'repeated'],
      droppedAttributesCount: [4, 'uint32'],
    }),
    SpanStatus: message({ message: [2, 'string'], code: [3, 'int32'] }),
    LogRecord: message({
      timeUnixNano: [1, 'fixed64'],
      severityNumber: [2, 'int32'],
      body: [5, 'bytes'],
      attributes: [6, 'KeyValue', 'repeated'],
      droppedAttributesCount: [7, 'uint32'],
      traceId: [9, 'bytes'],
      spanId: [10, 'bytes'],
      observedTimeUnixNano: [11, 'fixed64'],
      eventName: [12, 'string'],
    }),
    KeyValue: message({ key: [1, 'string'], value: [2, 'bytes'] }),
    AnyValue: message(
      {
        stringValue: [1, 'string'],
        boolValue: [2, 'bool'],
        intValue: [3, 'int64'],
        doubleValue: [4, 'double'],
        arrayValue: [5, 'ArrayValue'],
        kvlistValue: [6, 'KeyValueList'],
        bytesValue: [7, 'bytes'],
      },
      {
        value: {
          oneof: ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'arrayValue', 'kvlistValue', 'bytesValue'],
        },
      },
    ),
    ArrayValue: message({ values: [1, 'bytes', 'repeated'] }),
    KeyValueList: message({ values: [1, 'KeyValue', 'repeated'] }),
  },
})

export const TracesRequest: protobuf.Type = root.lookupType('TracesRequest')
export const LogsRequest: protobuf.Type = root.lookupType('LogsRequest')
export const AnyValue: protobuf.Type = root.lookupType('AnyValue')
