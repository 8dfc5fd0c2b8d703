import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { startPipelineProcess } from '../content-pipeline/src/testing/startPipelineProcess.ts'
import type { PipelineProcess } from '../content-pipeline/src/testing/startPipelineProcess.ts'
import { createMonitoringApi } from '../grafana-plugin/src/client/monitoringApi.ts'
import { selectorsIn } from './stack/queries/selectorsIn.ts'
import { startStack } from './stack/startStack.ts'
import type { Stack } from './stack/startStack.ts'

const root = join(import.meta.dirname, '..')
/** Three minutes become three seconds. */
const SPEED = 60
const INTERVAL_SECONDS = 1
/** Long enough that medians of the week are made anew (each minute) of twenty requests and more. */
const RUN_MS = 130_000

/** Selectors for which no data is right in a stack of which nothing is wrong; and why. */
const RIGHTLY_EMPTY: Record<string, string> = {
  'vividly_ingest_requests_total{status=~"5..|429"}': 'no sender was turned away',
  otelcol_kafka_receiver_offset_lag: 'there is no Kafka in the small form; scale.programs.test.ts looks for it',
  'otelcol_kafka_receiver_current_offset': 'as above',
  'vividly_ingest_redacted_values_total': 'no rule of redaction is set up',
}
/** There was no stack then; the same without it is asked beside it. */
const A_WEEK_AGO = /offset 7d/

type Panel = { title: string; datasource: { uid: string }; targets: { refId: string; queryType?: string; expr?: string }[] }
type Dashboard = { title: string; panels: Panel[]; annotations: { list: { name: string; expr?: string; target?: { queryType?: string } }[] } }

let dataDir: string
let stack: Stack
let pipeline: PipelineProcess
let sinceMs: number
let asked: string
const stops: (() => Promise<unknown>)[] = []

const dashboards = await Promise.all(
  (await readdir(join(root, 'dashboards/grafana'))).map(async (name) => JSON.parse(await readFile(join(root, 'dashboards/grafana', name), 'utf8')) as Dashboard),
)
const { groups } = parse(await readFile(join(root, 'dashboards/prometheus/rules.yaml'), 'utf8')) as {
  groups: { rules: { alert?: string; record?: string; expr: string }[] }[]
}
const rules = groups.flatMap((group) => group.rules)

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'vividly-stack-'))
  stack = await startStack({ dataDir, stops: { add: (stop) => stops.push(stop) }, intervalSeconds: INTERVAL_SECONDS, say: () => {} })
  pipeline = await startPipelineProcess(stack.databaseUrl, stack.otlpUrl, SPEED)
  stops.push(pipeline.stop)
  sinceMs = Date.now()
  const ask = async () => (await pipeline.ask({ student_id: 's-1001', topic: 'Photosynthesis' })).body['correlation_id'] ?? ''
  const listening = new AbortController()
  await fetch(`${stack.trackerUrl}/api/v1/monitoring/stream`, { signal: listening.signal })
  const asking = setInterval(() => void ask().catch(() => {}), 800)
  stops.push(async () => (clearInterval(asking), listening.abort()))
  asked = await ask()
  // A record that can't be stored, and a provider that is away for a while: retries, failures, an open breaker.
  await fetch(`${stack.trackerUrl}/v1/traces`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: 'zz' }] }] }] }),
  })
  const fault = (mode: string) => fetch(`${pipeline.geminiUrl}/faults`, { method: 'PUT', body: JSON.stringify({ mode, rate: 1 }) })
  await sleep(RUN_MS / 4)
  // More at once than workers take up: some wait.
  await Promise.all(Array.from({ length: 60 }, ask))
  await sleep(RUN_MS / 4)
  await fault('outage')
  await sleep(RUN_MS / 6)
  await fault('none')
  await sleep(RUN_MS / 3)
}, 1_800_000)

afterAll(async () => {
  for (const stop of stops.toReversed()) await stop()
  await rm(dataDir, { recursive: true, force: true })
}, 60_000)

/** Whether Prometheus had any value of it while the stack ran, as a panel of that time would draw it. */
async function hasData(expr: string): Promise<boolean> {
  const query = expr.replaceAll('$__rate_interval', '20s').replaceAll('$__range', '1m').replaceAll('$pipeline', '.*')
  const range = { start: String(sinceMs / 1000), end: String(Date.now() / 1000), step: '2' }
  const answer = await fetch(`${stack.prometheus.url}/api/v1/query_range?${new URLSearchParams({ query, ...range })}`)
  const { data, error } = (await answer.json()) as { data?: { result: { values: [number, string][] }[] }; error?: string }
  if (data === undefined) throw new Error(`Prometheus refused ${query}: ${error}`)
  return data.result.some(({ values }) => values.some(([, value]) => value !== 'NaN'))
}

async function rowsOf(queryType: string): Promise<unknown[]> {
  const api = createMonitoringApi(stack.trackerUrl)
  const signal = AbortSignal.timeout(10_000)
  const from = new Date(sinceMs - 3_600_000).toISOString()
  const reads: Record<string, () => Promise<unknown[]>> = {
    requests: async () => (await api.listRequests({ limit: 5 }, signal)).items,
    breakers: async () => (await api.getBreakers(signal)).items,
    // Of the whole request: a stage may not have been retried.
    trends: async () => (await api.getTrends({ from, step: 'hour', tz: 'UTC' }, signal)).buckets.filter((row) => Object.values(row).every((value) => value !== undefined)),
    deployments: async () => (await api.getDeployments({ from }, signal)).items,
    events: async () => (await api.listEvents(asked, undefined, signal)).items,
    trace: async () => (await api.listSpans(asked, signal)).items,
  }
  const read = reads[queryType]
  if (read === undefined) throw new Error(`This test does not know what ${queryType} reads`)
  return read()
}

async function without(exprs: Record<string, string>): Promise<string[]> {
  const isKnown = (expr: string) => {
    const selectors = selectorsIn(expr)
    return A_WEEK_AGO.test(expr) || (selectors.length > 0 && selectors.every((selector) => selector in RIGHTLY_EMPTY))
  }
  const found = await Promise.all(Object.entries(exprs).map(async ([where, expr]) => ({ where, expr, is: isKnown(expr) || (await hasData(expr)) })))
  return found.filter(({ is }) => !is).map(({ where, expr }) => `${where}: ${expr}`)
}

test('every series that a rule selects is there', async () => {
  const selected = rules.flatMap(({ alert, record, expr }) => selectorsIn(expr).map((selector) => [`${alert ?? record} ${selector}`, selector] as const))
  expect(selected.length).toBeGreaterThan(30)
  expect(await without(Object.fromEntries(selected))).toEqual([])
})

test('every recording rule records', async () => {
  expect(await without(Object.fromEntries(rules.flatMap(({ record }) => (record === undefined ? [] : [[record, record]]))))).toEqual([])
})

describe.each(dashboards)('$title', ({ panels, annotations }) => {
  test('every query of Prometheus gives data', async () => {
    const exprs = panels.flatMap(({ title, targets }) => targets.flatMap(({ refId, expr }) => (expr === undefined ? [] : [[`${title} ${refId}`, expr] as const])))
    const notes = annotations.list.flatMap(({ name, expr }) => (expr === undefined ? [] : [[name, expr] as const]))
    expect(await without(Object.fromEntries([...exprs, ...notes]))).toEqual([])
  })

  // What the plugin's data source reads for them; that it does is seen in test/grafana.browser.test.ts.
  test('what the tracker’s panels ask for has rows', async () => {
    const queryTypes = panels.filter(({ datasource }) => datasource.uid === '${vividly}').flatMap(({ targets }) => targets.map(({ queryType = '' }) => queryType))
    const marked = annotations.list.flatMap(({ target }) => target?.queryType ?? [])
    for (const queryType of new Set([...queryTypes, ...marked])) expect([queryType, (await rowsOf(queryType)).length > 0]).toEqual([queryType, true])
  }, 30_000)
})

test('a request that is not there is told apart: the check can fail', async () => {
  expect(await without({ absent: 'vividly_no_such_metric', empty: 'vividly_requests_total{status="lost"}' })).toHaveLength(2)
})

test('exemplars lead from a stage’s duration to its trace', async () => {
  const query = 'vividly_stage_duration_seconds_bucket'
  const range = { query, start: String(sinceMs / 1000 - 3600), end: String(Date.now() / 1000 + 60) }
  const answer = await fetch(`${stack.prometheus.url}/api/v1/query_exemplars?${new URLSearchParams(range)}`)
  const { data } = (await answer.json()) as { data: { exemplars: { labels: { trace_id: string } }[] }[] }
  const ids = data.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels.trace_id))
  expect(ids.length).toBeGreaterThan(0)
  const found = await fetch(`${stack.trackerUrl}/api/v1/monitoring/requests/${ids[0]}`)
  expect(found.status).toBe(200)
})
