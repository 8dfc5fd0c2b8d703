import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { toBarChart } from '../bench/measure/toBarChart.ts'
import type { Run } from './runScenario.ts'
import { toBaseline, toReport } from './toReport.ts'
import type { Baseline } from './toReport.ts'

const baselines = join(import.meta.dirname, 'baselines')

/**
 * Writes a run as Markdown and as a page of its own, each with its picture, beside the accepted run of that scenario.
 * Returns where the Markdown is.
 * @param accepts keeps this run as the accepted one, to be committed
 */
export async function writeReport(name: string, run: Run, folder: string, accepts: boolean): Promise<string> {
  const baseline = await readFile(join(baselines, `${name}.json`), 'utf8').then(
    (text) => JSON.parse(text) as Baseline,
    () => undefined,
  )
  const bars = Object.entries(run.durations).map(([label, { p99 }]) => ({ label, value: p99, beside: baseline?.p99[label] }))
  const picture = toBarChart(`${name}: p99 by kind of call; grey: accepted`, 'ms', bars)
  const report = toReport(name, run, baseline, `${name}.svg`)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, `${name}.svg`), picture)
  await writeFile(join(folder, `${name}.md`), report)
  await writeFile(join(folder, `${name}.html`), toPage(name, report, picture))
  if (accepts) await writeFile(join(baselines, `${name}.json`), `${JSON.stringify(toBaseline(run), undefined, 2)}\n`)
  return join(folder, `${name}.md`)
}

/** The report's own text, for it is made to be read as it is, and the picture in the page. */
function toPage(name: string, report: string, picture: string): string {
  const text = report.replace(/^!\[.*$/m, '').replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<!doctype html><meta charset="utf-8"><title>Load: ${name}</title><pre>${text}</pre>${picture}\n`
}
