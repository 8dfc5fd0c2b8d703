import { LENGTH_DELIMITED, ProtobufCursor } from './ProtobufCursor.ts'
import { readAttribute } from './readProtobufValue.ts'
import { readProtobufLogRecord } from './readProtobufLogRecord.ts'
import { readProtobufSpan } from './readProtobufSpan.ts'
import { UnreadableBody } from './UnreadableBody.ts'
import type { WireAttribute, WireGroup, WireLogRecord, WireSpan } from './wire.ts'

type Read<WireRecord> = (cursor: ProtobufCursor, outerEnd: number) => WireRecord
/** What the fields are called in JSON, for paths that a person understands. */
type Names = { resources: string; scopes: string; records: string }

/** An ExportTraceServiceRequest, in one pass over its bytes (docs/adr/052). Throws {@link UnreadableBody}. */
export function readProtobufSpans(body: Buffer): WireGroup<WireSpan>[] {
  return readRequest(body, { resources: 'resourceSpans', scopes: 'scopeSpans', records: 'spans' }, readProtobufSpan)
}

/** An ExportLogsServiceRequest; see {@link readProtobufSpans}. */
export function readProtobufLogRecords(body: Buffer): WireGroup<WireLogRecord>[] {
  return readRequest(body, { resources: 'resourceLogs', scopes: 'scopeLogs', records: 'logRecords' }, readProtobufLogRecord)
}

const FIELD_1 = (1 << 3) | LENGTH_DELIMITED
const FIELD_2 = (2 << 3) | LENGTH_DELIMITED

/** Both requests are built alike: resources (1) of scopes (2) of records (2). */
function readRequest<WireRecord>(body: Buffer, names: Names, read: Read<WireRecord>): WireGroup<WireRecord>[] {
  const cursor = new ProtobufCursor(body)
  const groups: WireGroup<WireRecord>[] = []
  let resources = 0
  try {
    readFields(cursor, body.length, (tag) => {
      if (tag !== FIELD_1) return false
      groups.push(...readResource(cursor, body.length, `${names.resources}[${resources++}]`, names, read))
      return true
    })
  } catch (cause) {
    if (cause instanceof UnreadableBody) throw cause
    throw new UnreadableBody('The body is not valid protobuf of this request', 400, { cause })
  }
  return groups
}

/** ResourceSpans or ResourceLogs: the resource (1) may come behind its scopes (2), and in parts. */
function readResource<WireRecord>(
  cursor: ProtobufCursor,
  outerEnd: number,
  path: string,
  names: Names,
  read: Read<WireRecord>,
): WireGroup<WireRecord>[] {
  const end = cursor.open(outerEnd)
  const resource: WireAttribute[] = []
  const groups: WireGroup<WireRecord>[] = []
  readFields(cursor, end, (tag) => {
    if (tag === FIELD_1) readResourceAttributes(cursor, end, resource)
    else if (tag === FIELD_2) groups.push({ path: `${path}.${names.scopes}[${groups.length}].${names.records}`, resource, ...readScope(cursor, end, read) })
    else return false
    return true
  })
  return groups
}

function readResourceAttributes(cursor: ProtobufCursor, outerEnd: number, attributes: WireAttribute[]): void {
  const end = cursor.open(outerEnd)
  readFields(cursor, end, (tag) => {
    if (tag !== FIELD_1) return false
    attributes.push(readAttribute(cursor, end))
    return true
  })
}

/** ScopeSpans or ScopeLogs: the scope (1), of which the name (1) counts, and records (2). */
function readScope<WireRecord>(
  cursor: ProtobufCursor,
  outerEnd: number,
  read: Read<WireRecord>,
): { scope: string; records: WireRecord[] } {
  const end = cursor.open(outerEnd)
  const records: WireRecord[] = []
  let scope = ''
  readFields(cursor, end, (tag) => {
    if (tag === FIELD_1) scope = readScopeName(cursor, end) ?? scope
    else if (tag === FIELD_2) records.push(read(cursor, end))
    else return false
    return true
  })
  return { scope, records }
}

function readScopeName(cursor: ProtobufCursor, outerEnd: number): string | undefined {
  let name: string | undefined
  readFields(cursor, cursor.open(outerEnd), (tag) => {
    if (tag !== FIELD_1) return false
    name = cursor.text()
    return true
  })
  return name
}

/** All fields of the message that ends there; skips those that `read` does not take. */
function readFields(cursor: ProtobufCursor, end: number, read: (tag: number) => boolean): void {
  for (let tag = cursor.tag(end); tag !== 0; tag = cursor.tag(end)) {
    if (!read(tag)) cursor.skip(tag)
  }
}
