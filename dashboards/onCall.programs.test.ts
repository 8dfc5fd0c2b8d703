import { join } from 'node:path'
import { startGateway } from '@vividly/collector/testing/gateway'
import type { Gateway } from '@vividly/collector/testing/gateway'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPipelineProcess } from '../content-pipeline/src/testing/startPipelineProcess.ts'
import type { PipelineProcess } from '../content-pipeline/src/testing/startPipelineProcess.ts'
import { startOtlpSink } from '../instrumentation/src/testing/startOtlpSink.ts'
import type { OtlpSink } from '../instrumentation/src/testing/startOtlpSink.ts'
import { openBrowser } from '../tracker-api/src/testing/browser.ts'
import { createTestDatabase } from '../tracker-api/src/testing/testDatabase.ts'
import type { TestDatabase } from '../tracker-api/src/testing/testDatabase.ts'
import { startTrackerProcess } from '../tracker-api/src/testing/trackerProcess.ts'
import type { TrackerProcess } from '../tracker-api/src/testing/trackerProcess.ts'
import { startCanary } from './src/canary/startCanary.ts'
import { startPager } from './src/pager/startPager.ts'
import { startPrometheus } from './src/programs/startPrometheus.ts'

/** Three minutes become nine seconds. */
const SPEED = 20
/** How long the quiet at the beginning is watched; ten in the long form. */
const QUIET_MINUTES = Number(process.env['QUIET_MINUTES'] ?? 0.5)
const ASK_EVERY_MS = 1500

let database: TestDatabase
let tracker: TrackerProcess
let store: OtlpSink
let gateway: Gateway
let pipeline: PipelineProcess
let prometheus: Awaited<ReturnType<typeof startPrometheus>>
let pager: Awaited<ReturnType<typeof startPager>>
let canary: Awaited<ReturnType<typeof startCanary>>
let asking: NodeJS.Timeout

beforeAll(async () => {
  database = await createTestDatabase()
  tracker = await startTrackerProcess(database.url)
  store = await startOtlpSink()
  gateway = await startGateway(tracker.url, store.url)
  pager = await startPager()
  canary = await startCanary({
    target: async () => ({ otlpUrl: gateway.url, trackerUrl: tracker.url }),
    everyMs: 5_000,
    onLost: (error) => console.log(error),
  })
  const host = (url: string) => new URL(url).host
  prometheus = await startPrometheus({
    addresses: {
      'tracker:8484': host(tracker.url),
      'collector:8888': host(gateway.ownMetricsUrl),
      'collector:8889': host(gateway.metricsUrl),
      'pager:8490': host(pager.url),
      'canary:8491': host(canary.metricsUrl),
    },
    intervalSeconds: 2,
  })
  pipeline = await startPipelineProcess(database.url, gateway.url, SPEED)
  asking = setInterval(() => {
    void pipeline.ask({ student_id: 's-1001', topic: 'Photosynthesis' }).catch(() => {})
  }, ASK_EVERY_MS)
  // The first time it builds programs.
}, 1_800_000)

afterAll(async () => {
  clearInterval(asking)
  for (const part of [canary, pipeline, prometheus, pager, gateway, store, tracker]) await part?.stop()
  await database?.drop()
})

const pages = () => pager.notices.filter(({ channel, status }) => channel === 'pages' && status === 'firing')
const resolved = (alert: string) =>
  pager.notices.some((notice) => notice.channel === 'pages' && notice.status === 'resolved' && notice.alert === alert)
/** Why requests failed, as the tracker knows it. */
const failures = async () => {
  const answer = await fetch(`${tracker.url}/api/v1/monitoring/requests?status=failed`)
  const { items } = (await answer.json()) as { items: { error_message: string }[] }
  return items.map(({ error_message }) => error_message)
}
const firing = async () => (await prometheus.query('ALERTS{alertstate="firing"}')).map(({ metric }) => metric['alertname'])

test(`nobody is woken in ${QUIET_MINUTES} quiet minutes, and the dead man’s switch tells that it lives`, async () => {
  await new Promise((resolve) => setTimeout(resolve, QUIET_MINUTES * 60_000))
  expect(await failures()).toEqual([])
  expect(pages()).toEqual([])
  expect(await firing()).toEqual(['Watchdog'])
  await expect.poll(() => pager.notices.some(({ channel }) => channel === 'watchdog'), { timeout: 60_000 }).toBe(true)
  const created = await prometheus.query('cluster:vividly_requests_created_total')
  expect(created[0]?.value).toBeGreaterThan(10)
}, 700_000)

test('every metric that a rule names is there', async () => {
  const answer = await fetch(`${prometheus.url}/api/v1/rules`)
  const { data } = (await answer.json()) as { data: { groups: { rules: { name: string; health: string; lastError?: string }[] }[] } }
  const sick = data.groups.flatMap(({ rules }) => rules).filter(({ health }) => health === 'err')
  expect(sick).toEqual([])
  // Those that only some states bring are asked for where they come: breakers, queues.
  const named = ['requests_total', 'stages_total', 'queue_depth', 'oldest_request_age_seconds', 'circuit_breaker_state']
  const others = ['otelcol_exporter_queue_size', 'vividly_dead_letters_total', 'vividly_database_size_bytes', 'vividly_tracker_info']
  const absent: string[] = []
  for (const name of [...named.map((each) => `cluster:vividly_${each}`), ...others]) {
    if ((await prometheus.query(name)).length === 0) absent.push(name)
  }
  expect(absent).toEqual([])
})

test('a provider’s outage wakes somebody once, within a minute, with links that work', async () => {
  const since = Date.now()
  const fault = (mode: string) =>
    fetch(`${pipeline.geminiUrl}/faults`, { method: 'PUT', body: JSON.stringify({ mode, rate: 1 }) })
  await fault('outage')
  await expect.poll(pages, { timeout: 60_000, interval: 500 }).toHaveLength(1)
  const page = pages()[0]
  console.log(`Outage to page: ${(((page?.receivedAtMs ?? 0) - since) / 1000).toFixed(1)} s`)
  expect(page).toMatchObject({ alert: 'CircuitBreakerOpen', labels: { name: 'gemini', owner: 'pipeline' } })

  // The failures that follow are known to Prometheus and told to nobody.
  await expect.poll(firing, { timeout: 150_000, interval: 1000 }).toContain('RequestFailureBudgetBurn')
  await new Promise((resolve) => setTimeout(resolve, 15_000))
  expect(new Set(pages().map(({ alert }) => alert))).toEqual(new Set(['CircuitBreakerOpen']))

  const browser = await openBrowser()
  const tab = await browser.newPage()
  for (const link of ['runbook_url', 'dashboard_url', 'examples_url']) {
    const url = page?.annotations[link] ?? ''
    expect(url).toContain(tracker.url)
    expect((await tab.goto(url))?.status()).toBe(200)
  }
  // For whoever wants to look: git-ignored.
  await tab.setViewportSize({ width: 1280, height: 360 })
  await tab.goto(pager.url)
  await tab.screenshot({ path: join(import.meta.dirname, '../.data/pictures/pager.png') })
  await browser.close()
  // What the page at that link asks the tracker for: three requests to look at, of that time.
  const { search, searchParams } = new URL(page?.annotations['examples_url'] ?? '')
  expect(Date.parse(searchParams.get('from') ?? '')).toBeLessThan(since)
  const examples = async () => {
    const answer = await fetch(`${tracker.url}/api/v1/monitoring/requests${search}`)
    return ((await answer.json()) as { items: unknown[] }).items.length
  }
  await expect.poll(examples, { timeout: 30_000 }).toBeGreaterThanOrEqual(3)

  await fault('none')
  await expect.poll(() => resolved('CircuitBreakerOpen'), { timeout: 240_000, interval: 1000 }).toBe(true)
  // What burnt while it lasted is still in the windows, and no reason to wake somebody again.
  await expect.poll(firing, { timeout: 30_000 }).toContain('RequestFailureBudgetBurn')
  await new Promise((resolve) => setTimeout(resolve, 75_000))
  expect(new Set(pages().map(({ alert }) => alert))).toEqual(new Set(['CircuitBreakerOpen']))
}, 600_000)

test('a tracker that is killed has a page of its own', async () => {
  await tracker.kill()
  const known = pages().length
  await expect.poll(() => pages().slice(known).map(({ alert }) => alert), { timeout: 90_000, interval: 500 }).toContain('TrackerDown')
}, 120_000)
