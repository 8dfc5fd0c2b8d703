import type { Run } from './runScenario.ts'

/** What is compared: milliseconds of the 99th percentile by kind of call, and cores. */
export type Baseline = { seconds: number; cores: number; p50: Record<string, number>; p99: Record<string, number> }

export function toBaseline({ seconds, cores, durations }: Run): Baseline {
  const of = (quantile: 'p50' | 'p99') =>
    Object.fromEntries(Object.entries(durations).map(([endpoint, figures]) => [endpoint, Number(figures[quantile].toPrecision(3))]))
  return { seconds: Math.round(seconds), cores: Number(cores.toPrecision(3)), p50: of('p50'), p99: of('p99') }
}

/** A run in Markdown: promises, times beside those of the accepted baseline, and a picture of them by `picture`'s name. */
export function toReport(name: string, run: Run, baseline: Baseline | undefined, picture: string): string {
  const number = (value: number | undefined) => (value === undefined ? '–' : String(Number(value.toPrecision(3))))
  const ratio = (value: number, before: number | undefined) => (before ? `${(value / before).toFixed(2)} ×` : '–')
  const kinds = Object.entries(run.durations).toSorted(([a], [b]) => a.localeCompare(b))
  return `# Load: ${name}

${run.requests} calls in ${number(run.seconds)} s, ${number(run.requestsPerSecond)} a second. Tracker and Postgres took ${number(run.cores)} cores (accepted: ${number(baseline?.cores)}).

| promise | of | measured | held |
|---|---|---|---|
${run.verdicts.map(({ metric, promise, measured, held }) => `| ${promise} | ${metric} | ${number(measured)} | ${held ? 'yes' : '**no**'} |`).join('\n')}

| call | p50 ms | p95 ms | p99 ms | max ms | accepted p50 | accepted p99 | p99 to it |
|---|---|---|---|---|---|---|---|
${kinds.map(([kind, { p50, p95, p99, max }]) => `| ${kind} | ${number(p50)} | ${number(p95)} | ${number(p99)} | ${number(max)} | ${number(baseline?.p50[kind])} | ${number(baseline?.p99[kind])} | ${ratio(p99, baseline?.p99[kind])} |`).join('\n')}

![Milliseconds at the 99th percentile by kind of call, now and accepted](${picture})
`
}
