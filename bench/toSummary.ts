/** Of one benchmark: what it wrote by `--json`. */
export type Figures = Record<string, Record<string, number>>
/** A line of the one table: a figure and what it must not exceed, or not fall below. Without either it only informs. NaN: not measured. */
export type Line = { what: string; measured: number; unit: string; most?: number; least?: number }

/** Each benchmark's figures as lines that stand for themselves: a time against its promise, a cost against its floor. */
export function toSummary(all: Readonly<Record<string, Figures>>): Line[] {
  const lines: Line[] = []
  for (const [name, figures] of Object.entries(all)) lines.push(...(kinds[name]?.(figures) ?? []))
  return lines
}

/** A line without a bound holds always; one that was not measured never. */
export const holds = ({ measured, most = Infinity, least = -Infinity }: Line): boolean => measured <= most && measured >= least

const kinds: Readonly<Record<string, (figures: Figures) => Line[]>> = {
  ingest: ({ copy, protobuf, json, small, decoding, memory }) => {
    const us = (cost: Record<string, number> | undefined) => cost?.['us'] ?? NaN
    return [
      { what: '(a) storing, 500 a post, rows a CPU-second to those of raw COPY', measured: us(copy) / us(protobuf), unit: '×', least: 0.42 },
      { what: '(a) items a second, load generator beside', measured: protobuf?.['per_second'] ?? NaN, unit: '', least: 60_000 },
      { what: '(a) rate with JSON to that with protobuf', measured: (json?.['per_second'] ?? NaN) / (protobuf?.['per_second'] ?? NaN), unit: '×', least: 0.75 },
      { what: '(a) CPU an item, 50 a post to 500 a post', measured: us(small) / us(protobuf), unit: '×' },
      { what: '(b) decoding protobuf, of all CPU an item', measured: (decoding?.['protobuf'] ?? NaN) / us(protobuf), unit: '×' },
      { what: '(b) decoding JSON to decoding protobuf', measured: (decoding?.['json'] ?? NaN) / (decoding?.['protobuf'] ?? NaN), unit: '×' },
      { what: '(g) memory of the tracker while it stores as fast as it can, at its peak', measured: memory?.['megabytes'] ?? NaN, unit: 'MB', most: 512 },
    ]
  },
  instrumentation: ({ instrumentation = {} }) => {
    const of = (field: string) => instrumentation[field] ?? NaN
    return [
      { what: '(e) CPU of a stage, tracked to bare SDK', measured: of('cost_ratio'), unit: '×', most: 1.5 },
      { what: '(e) taken from the caller by a call, p99', measured: of('caller_p99_us'), unit: 'µs', most: 50 },
      { what: '(e) 10,000 stages with heartbeats, of one core', measured: of('concurrent_core_share') * 100, unit: '%', most: 5 },
      { what: '(e) call to record in Postgres, p99', measured: of('stored_p99_ms'), unit: 'ms', most: 500 },
      { what: '(g) memory of 10,000 stages with heartbeats in a service', measured: of('concurrent_mebibytes'), unit: 'MiB', most: 100 },
    ]
  },
  stream: (figures) =>
    Object.entries(figures).flatMap(([count, { per_second = NaN, p99Ms = NaN, promised_p99 = NaN, delivering_us = NaN, bare_us = NaN, megabytes = NaN, missing = NaN }]) => [
      { what: `(c) post to listener, ${count} listeners, ${per_second} changes a second, p99 to its promise`, measured: p99Ms / promised_p99, unit: '×', most: 1 },
      { what: `(c) changes that never came, ${count} listeners`, measured: missing, unit: '', most: 0 },
      ...(Number(count) > 1 ? [{ what: `(c) a message to ${count} listeners, CPU to a bare socket.write`, measured: delivering_us / bare_us, unit: '×', most: 1.3 }] : []),
      ...(Number(count) >= 1_000 ? [{ what: `(g) memory of the tracker with ${count} listeners, at its peak`, measured: megabytes, unit: 'MB', most: 512 }] : []),
    ]),
  shown: ({ shown: { p50 = NaN, p99 = NaN, promised_p50 = NaN, promised_p99 = NaN } = {} }) => [
    { what: '(c) commit to the screen of a browser, p50 to its promise', measured: p50 / promised_p50, unit: '×', most: 1 },
    { what: '(c) commit to the screen of a browser, p99 to its promise', measured: p99 / promised_p99, unit: '×', most: 1 },
  ],
  queries: (figures) =>
    Object.entries(figures).flatMap(([name, { p50 = NaN, p99 = NaN, promised_p50 = NaN, promised_p99 = NaN }]) => [
      { what: `(d) ${name}, p50 to its promise`, measured: p50 / promised_p50, unit: '×', most: 1 },
      { what: `(d) ${name}, p99 to its promise`, measured: p99 / promised_p99, unit: '×', most: 1 },
    ]),
  page: ({ page = {} }) => [
    { what: '(f) interaction with 10,000 in flight, p98 to its promise', measured: (page['interaction p98, ms'] ?? NaN) / 200, unit: '×', most: 1 },
    { what: '(f) first row on screen to its promise', measured: (page['first row on screen, ms'] ?? NaN) / 1000, unit: '×', most: 1 },
    { what: '(f) JavaScript, compressed', measured: page['JavaScript, kB gzip'] ?? NaN, unit: 'kB', most: 150 },
    { what: '(g) memory of the page, growth in a minute of changes', measured: (page['heap at the end, MiB'] ?? NaN) - (page['heap at the start, MiB'] ?? NaN), unit: 'MiB' },
  ],
  in_flight: ({ in_flight = {} }) => [
    { what: '10,000 in flight, cores of tracker and Postgres', measured: in_flight['cores'] ?? NaN, unit: '', most: 0.2 },
  ],
  disk: (figures) =>
    Object.entries(figures).map(([item, forms]) => (
      { what: `bytes on disk: ${item}, with its indexes`, measured: forms['as written, blocks of this file system'] ?? NaN, unit: '', most: 300 }
    )),
  peers: (figures) => {
    const { 'this tracker': ours = {}, 'Jaeger badger, consistent': consistent = {}, 'Jaeger badger, default': usual = {}, 'Zipkin, in memory': zipkin = {} } = figures
    const ratio = (a: Record<string, number>, b: Record<string, number>, field: string) => (a[field] ?? NaN) / (b[field] ?? NaN)
    return [
      { what: 'durable spans a CPU-second to Jaeger badger made durable', measured: ratio(consistent, ours, 'us_per_span'), unit: '×', least: 8 },
      { what: 'durable spans a CPU-second to Jaeger badger as it comes, which is not', measured: ratio(usual, ours, 'us_per_span'), unit: '×', least: 3 },
      { what: 'durable spans a CPU-second to Zipkin in memory, which keeps nothing', measured: ratio(zipkin, ours, 'us_per_span'), unit: '×' },
      { what: 'trace by ID, p50 to Jaeger badger', measured: ratio(ours, usual, 'trace_p50'), unit: '×', most: 1 },
      { what: 'search by a student, p50 to Jaeger badger', measured: ratio(ours, usual, 'search_p50'), unit: '×', most: 1 },
      { what: 'bytes on disk a span, with indexes and all states', measured: ours['bytes_per_span'] ?? NaN, unit: '', most: 300 },
    ]
  },
}
