import { execFile } from 'node:child_process'
import { access, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import type { AlertRule, RuleGroup } from './src/alerts/rule.ts'
import { toRuleFile } from './src/alerts/toRuleFile.ts'
import type { AlertCase } from './src/alerts/testing/AlertCase.ts'
import { pipelineAlertCases } from './src/alerts/testing/pipelineAlertCases.ts'
import { platformAlertCases } from './src/alerts/testing/platformAlertCases.ts'
import { getPrometheus } from './src/programs/getPrometheus.ts'
import type { PrometheusPrograms } from './src/programs/getPrometheus.ts'

const alertCases = [...pipelineAlertCases, ...platformAlertCases]
const run = promisify(execFile)
const rulesFile = join(import.meta.dirname, 'prometheus/rules.yaml')
const { groups } = parse(toRuleFile()) as { groups: RuleGroup[] }
const alerts = groups.flatMap(({ rules }) => rules).filter((rule): rule is AlertRule => 'alert' in rule)

let programs: PrometheusPrograms
let folder: string
beforeAll(async () => {
  programs = await getPrometheus()
  folder = await mkdtemp(join(tmpdir(), 'vividly-alerts-'))
  // The first time it builds programs.
}, 1_800_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

test('promtool takes the rules', async () => {
  const { stdout } = await run(programs.promtool, ['check', 'rules', rulesFile])
  expect(stdout).toContain('SUCCESS')
})

test('promtool takes what Grafana’s alerting would ask Prometheus', async () => {
  const { groups: grafana } = parse(await readFile(join(import.meta.dirname, 'grafana-alerting/vividly.yaml'), 'utf8')) as {
    groups: { rules: { data: { model: { expr?: string } }[] }[] }[]
  }
  const exprs = grafana.flatMap(({ rules }) => rules.flatMap(({ data }) => data.flatMap(({ model }) => model.expr ?? [])))
  const file = join(folder, 'grafana.yaml')
  await writeFile(file, stringify({ groups: [{ name: 'asked', rules: exprs.map((expr, at) => ({ record: `asked_${at}`, expr })) }] }))
  const { stdout } = await run(programs.promtool, ['check', 'rules', file])
  expect(stdout).toContain(`SUCCESS: ${2 * alerts.length} rules found`)
})

test('amtool takes the routes', async () => {
  const { stdout } = await run(programs.amtool, ['check-config', join(import.meta.dirname, 'alertmanager/alertmanager.yaml')])
  expect(stdout).toContain('SUCCESS')
})

test('promtool takes the configuration, given a token', async () => {
  const committed = await readFile(join(import.meta.dirname, 'prometheus/prometheus.yaml'), 'utf8')
  const token = join(folder, 'token')
  const file = join(folder, 'prometheus.yaml')
  await writeFile(token, 'any')
  await copyFile(rulesFile, join(folder, 'rules.yaml'))
  await writeFile(file, committed.replace('/run/vividly/token', token))
  const { stdout } = await run(programs.promtool, ['check', 'config', file])
  expect(stdout).toContain('SUCCESS')
})

describe.each(alerts.map((alert) => ({ name: alert.alert, alert })))('$name', ({ name, alert }) => {
  test('has a runbook', async () => {
    const runbook = join(import.meta.dirname, '../docs/runbooks', `${name}.md`)
    await expect(access(runbook)).resolves.toBeUndefined()
    expect(await readFile(runbook, 'utf8')).toMatch(new RegExp(`^# ${name}\n`))
  })

  test('has a case in which it fires and recovers, and one in which it must not', () => {
    const { severity } = alert.labels
    const cases = alertCases.filter((each) => each.alert === name && (each.severity ?? severity) === severity)
    expect(cases.some(({ fires }) => fires.length > 0)).toBe(true)
    // The dead man's switch is always on.
    if (name === 'Watchdog') return
    expect(cases.some(({ fires, quiet }) => fires.length > 0 && Math.max(...quiet.map(toSeconds)) > Math.max(...fires.map(toSeconds)))).toBe(true)
    expect(cases.some(({ fires, quiet }) => fires.length === 0 && quiet.length > 0)).toBe(true)
  })
})

describe('fires when it must, is silent when it must, and recovers', () => {
  test.each(alertCases)('$alert: $when', async (each) => {
    const file = join(folder, `${each.alert}-${alertCases.indexOf(each)}.yaml`)
    await writeFile(file, toPromtoolTest(each))
    await expect(run(programs.promtool, ['test', 'rules', file])).resolves.toBeDefined()
  })

  test('a case that expects the wrong thing fails', async () => {
    const wrong = alertCases.map(({ fires, quiet, ...rest }): AlertCase => ({ ...rest, fires: quiet, quiet: fires }))
    const file = join(folder, 'wrong.yaml')
    await writeFile(file, toPromtoolTest(wrong[0] as AlertCase))
    await expect(run(programs.promtool, ['test', 'rules', file])).rejects.toThrow('FAILED')
  })
})

/** `1h30m` → 5400. */
function toSeconds(duration: string): number {
  const units = { h: 3600, m: 60, s: 1 }
  return [...duration.matchAll(/(\d+)([hms])/g)].reduce((sum, [, count, unit]) => sum + Number(count) * units[unit as 'h' | 'm' | 's'], 0)
}

/** The state of an alert is asked for as the series ALERTS: `alert_rule_test` would compare the texts too. */
function toPromtoolTest({ alert, severity, every = '1m', series, fires, quiet }: AlertCase): string {
  const of = `alertname="${alert}",alertstate="firing"${severity === undefined ? '' : `,severity="${severity}"`}`
  const at = (time: string, isFiring: boolean) => ({
    eval_time: time,
    expr: `clamp_max(sum(ALERTS{${of}}) or vector(0), 1)`,
    exp_samples: [{ labels: '{}', value: isFiring ? 1 : 0 }],
  })
  return stringify({
    rule_files: [rulesFile],
    evaluation_interval: every,
    tests: [
      {
        interval: every,
        input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
        promql_expr_test: [...fires.map((time) => at(time, true)), ...quiet.map((time) => at(time, false))],
      },
    ],
  })
}
