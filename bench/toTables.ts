import type { Figures } from './toSummary.ts'

type Row = Record<string, number>
const number = (value = NaN) => (Number.isFinite(value) ? String(Number(value.toPrecision(value < 10 ? 2 : 3))) : '–')
const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

/** What watching costs, by how many watch. */
export function toStreamTable(stream: Figures): string {
  const ratio = ({ delivering_us = NaN, bare_us = NaN }: Row) => number(delivering_us / bare_us)
  return table(
    ['listeners', 'changes/s', 'p50 ms', 'p99 ms', 'promised p99', 'never came', 'µs a message', 'bare write', 'ratio', 'tracker MB'],
    Object.entries(stream).map(([count, run]) => {
      const isCrowd = Number(count) > 1
      return [
        count, number(run['per_second']), number(run['p50Ms']), number(run['p99Ms']), number(run['promised_p99']), String(run['missing'] ?? '–'),
        isCrowd ? number(run['delivering_us']) : '–', isCrowd ? number(run['bare_us']) : '–', isCrowd ? ratio(run) : '–', number(run['megabytes']),
      ]
    }),
  )
}

/** This tracker and its peers, each to this tracker. */
export function toPeersTable(peers: Figures): string {
  const ours = peers['this tracker']?.['us_per_span'] ?? NaN
  return table(
    ['', 'spans a CPU-second', 'ours to it', 'spans/s', 'bytes on disk a span', 'trace by ID p50 / p99 ms', 'search p50 / p99 ms', 'MB'],
    Object.entries(peers).map(([name, run]) => [
      name, number(1e6 / (run['us_per_span'] ?? NaN)), `${number((run['us_per_span'] ?? NaN) / ours)} ×`, number(run['spans_per_second']), number(run['bytes_per_span']),
      `${number(run['trace_p50'])} / ${number(run['trace_p99'])}`, `${number(run['search_p50'])} / ${number(run['search_p99'])}`, number(run['megabytes']),
    ]),
  )
}

/** Storing, beside raw COPY. */
export function toIngestTable({ copy = {}, protobuf = {}, json = {}, small = {} }: Figures): string {
  const of = (name: string, run: Row) => [
    name, number(run['node_us']), number(run['postgres_us']), number(1e6 / (run['us'] ?? NaN)), number((copy['us'] ?? NaN) / (run['us'] ?? NaN)), number(run['per_second']),
  ]
  return table(
    ['', 'Node µs an item', 'Postgres µs', 'items a CPU-second', 'of COPY', 'items/s'],
    [of('raw COPY of the same rows', copy), of('protobuf, 500 a post', protobuf), of('JSON, 500 a post', json), of('protobuf, 50 a post', small)],
  )
}

/** Puts a table where the document has its place: between `<!-- NAME -->` and `<!-- end of NAME -->`. Throws where it has none. */
export function putTable(document: string, name: string, text: string): string {
  const place = new RegExp(`(<!-- ${name} -->\\n)[^]*?(<!-- end of ${name} -->)`)
  if (!place.test(document)) throw new Error(`The document has no place for ${name}`)
  return document.replace(place, (_, begin: string, end: string) => `${begin}\n${text}\n\n${end}`)
}
