/** `npm run bench`: all benchmarks one after another, then what they found as one table of ratios. Takes half an hour. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Command } from 'commander'
import { holds, toSummary } from './toSummary.ts'
import type { Figures } from './toSummary.ts'

const { requests, only = '' } = new Command('bench')
  .description('Runs every benchmark on this machine and prints one table of ratios. Nothing else should run meanwhile.')
  .option('--requests <count>', 'finished requests that queries are measured at', '1000000')
  .option('--only <name>', 'queries, stream, ingest or instrumentation')
  .parse()
  .opts<{ requests: string; only?: string }>()

const dir = await mkdtemp(join(tmpdir(), 'vividly-bench-'))
const file = (name: string) => join(import.meta.dirname, `${name}.ts`)

/** What a benchmark writes; empty where it failed, whose words are printed. */
async function figuresOf(name: 'queries' | 'stream', args: string[]): Promise<Figures> {
  if (!name.includes(only)) return {}
  console.error(`== ${name}`)
  const json = join(dir, `${name}.json`)
  try {
    await promisify(execFile)(process.execPath, [file(name), ...args, '--json', json], { maxBuffer: 2 ** 28 })
    return JSON.parse(await readFile(json, 'utf8')) as Figures
  } catch (error) {
    console.error(error)
    process.exitCode = 1
    return {}
  }
}

/** A benchmark whose table has its own ratios: shown as it is. */
async function show(name: string): Promise<void> {
  if (!name.includes(only)) return
  console.error(`== ${name}`)
  const [code] = (await once(spawn(process.execPath, [file(name)], { stdio: 'inherit' }), 'exit')) as [number | null]
  if (code !== 0) process.exitCode = 1
}

try {
  await show('ingest')
  await show('instrumentation')
  const queries = await figuresOf('queries', ['--requests', requests])
  const stream = await figuresOf('stream', [])
  console.table(
    Object.fromEntries(
      toSummary({ queries, stream }).map((line) => [
        line.what,
        { measured: `${Number(line.measured.toPrecision(3))} ${line.unit}`, 'at most': line.bound, held: holds(line) ? 'yes' : 'NO' },
      ]),
    ),
  )
} finally {
  await rm(dir, { recursive: true, force: true })
}
