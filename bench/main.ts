/** `npm run bench`: all benchmarks one after another, then what they found as one table of ratios. Takes three quarters of an hour. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { writeFigures } from './measure/writeFigures.ts'
import { holds, toSummary } from './toSummary.ts'
import type { Figures } from './toSummary.ts'

const { requests, only = '', json } = new Command('bench')
  .description('Runs every benchmark on this machine and prints one table of ratios. Nothing else should run meanwhile.')
  .option('--requests <count>', 'finished requests that queries are measured at', '1000000')
  .option('--only <names>', 'with commas: ingest, instrumentation, stream, shown, in_flight, queries, page, disk, peers')
  .option('--json <file>', 'writes all figures there too')
  .parse()
  .opts<{ requests: string; only?: string; json?: string }>()

const bench = (name: string) => join(import.meta.dirname, `${name}.ts`)
const programs: Record<string, string[]> = {
  ingest: [bench('ingest')],
  instrumentation: [bench('instrumentation')],
  stream: [bench('stream')],
  shown: [bench('shown')],
  in_flight: [join(import.meta.dirname, '../load/main.ts'), 'in_flight'],
  queries: [bench('queries'), '--requests', requests],
  page: [bench('page')],
  disk: [bench('disk')],
  peers: [bench('peers')],
}

const dir = await mkdtemp(join(tmpdir(), 'vividly-bench-'))
/** What a benchmark writes; empty where it failed, whose words are printed. */
async function figuresOf(name: string, program: string[]): Promise<Figures> {
  console.error(`== ${name}`)
  const file = join(dir, `${name}.json`)
  const [code] = (await once(spawn(process.execPath, [...program, '--json', file], { stdio: 'inherit' }), 'exit')) as [number | null]
  const written = await readFile(file, 'utf8').catch(() => undefined)
  if (code !== 0 && written === undefined) process.exitCode = 1
  if (written === undefined) return {}
  const figures = JSON.parse(written) as Figures | Record<string, number>
  return Object.values(figures).every((one) => typeof one === 'number') ? { [name]: figures as Record<string, number> } : (figures as Figures)
}

try {
  const all: Record<string, Figures> = {}
  for (const [name, program] of Object.entries(programs)) {
    if (only === '' || only.split(',').includes(name)) all[name] = await figuresOf(name, program)
  }
  const lines = toSummary(all)
  console.table(
    Object.fromEntries(
      lines.map((line) => {
        const { what, measured, unit, most, least } = line
        const bound = least === undefined ? (most === undefined ? '' : `≤ ${most}`) : `≥ ${least}`
        return [what, { measured: `${Number(measured.toPrecision(3))} ${unit}`.trim(), bound, held: bound === '' ? '' : holds(line) ? 'yes' : 'NO' }]
      }),
    ),
  )
  console.log(`${lines.filter(holds).length} of ${lines.length} hold`)
  await writeFigures(json, all)
} finally {
  await rm(dir, { recursive: true, force: true })
}
