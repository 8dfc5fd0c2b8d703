/** `npm run bench:pictures`: makes the pictures and tables of docs/performance.md from the figures kept in bench/results. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { toBarChart } from './measure/toBarChart.ts'
import type { Figures } from './toSummary.ts'
import { putTable, toIngestTable, toPeersTable, toStreamTable } from './toTables.ts'

const root = join(import.meta.dirname, '..')
const figuresOf = async (name: string) => JSON.parse(await readFile(join(root, 'bench/results', `${name}.json`), 'utf8')) as Figures
const draw = (name: string, svg: string) => writeFile(join(root, 'docs/images', `${name}.svg`), svg)

const [many, few, stream, peers, ingest] = [
  await figuresOf('queries-1000000'), await figuresOf('queries-10000'), await figuresOf('stream'), await figuresOf('peers'), await figuresOf('ingest'),
]
const bars = Object.entries(many).map(([label, { p50 = NaN }]) => ({ label, value: p50, beside: few[label]?.['p50'] }))
await draw('reading-at-a-million', toBarChart('Reading at 1,000,000 requests, p50; grey: at 10,000', 'ms', bars))
const delays = Object.entries(stream).map(([count, { p99Ms = NaN, p50Ms = NaN, per_second = NaN }]) => ({
  label: `${count} listeners, ${per_second} changes/s`, value: p99Ms, beside: p50Ms,
}))
await draw('post-to-listener', toBarChart('From post to listener, p99; grey: p50', 'ms', delays))
const perMessage = Object.entries(stream).flatMap(([count, { delivering_us = NaN, bare_us = NaN }]) =>
  Number(count) > 1 ? [{ label: `${count} listeners`, value: delivering_us, beside: bare_us }] : [],
)
await draw('cost-of-a-message', toBarChart('CPU of a delivered message; grey: a bare socket.write', 'µs', perMessage))
const spans = Object.entries(peers).map(([label, { us_per_span = NaN }]) => ({ label, value: 1e6 / us_per_span }))
await draw('peers', toBarChart('Spans a CPU-second, on the same bytes', 'spans', spans))

const document = join(root, 'docs/performance.md')
const tables = { ingest: toIngestTable(ingest), peers: toPeersTable(peers), stream: toStreamTable(stream) }
let text = await readFile(document, 'utf8')
for (const [name, table] of Object.entries(tables)) text = putTable(text, name, table)
await writeFile(document, text)
