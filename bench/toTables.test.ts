import { expect, test } from 'vitest'
import { putTable, toIngestTable, toPeersTable, toStreamTable } from './toTables.ts'

test('a table stands where the document has its place, again and again', () => {
  const document = 'before\n<!-- stream -->\nold\n<!-- end of stream -->\nafter\n'
  const once = putTable(document, 'stream', '| a |')
  expect(once).toBe('before\n<!-- stream -->\n\n| a |\n\n<!-- end of stream -->\nafter\n')
  expect(putTable(once, 'stream', '| a |')).toBe(once)
  expect(() => putTable(document, 'peers', '')).toThrow('no place for peers')
})

test('tables say what was measured, to what it is compared', () => {
  const stream = { 100: { per_second: 200, p50Ms: 3, p99Ms: 14.04, promised_p99: 15, missing: 0, delivering_us: 5, bare_us: 10, megabytes: 123.4 } }
  expect(toStreamTable(stream)).toContain('| 100 | 200 | 3 | 14 | 15 | 0 | 5 | 10 | 0.5 | 123 |')
  const peers = { 'this tracker': { us_per_span: 50 }, other: { us_per_span: 400 } }
  expect(toPeersTable(peers)).toContain('| other | 2500 | 8 × |')
  expect(toIngestTable({ copy: { us: 10 }, protobuf: { us: 20, node_us: 8, postgres_us: 12 } })).toContain('| protobuf, 500 a post | 8 | 12 | 50000 | 0.5 | – |')
})
