import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { freePorts } from '@vividly/collector/freePorts'
import { startProgram } from '@vividly/collector/startProgram'
import type { RunningProgram } from '@vividly/collector/startProgram'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { getPrometheus } from './src/programs/getPrometheus.ts'

const read = (name: string) => readFile(join(import.meta.dirname, 'alertmanager', name), 'utf8')
const run = promisify(execFile)
/** Of Events API v2, by PagerDuty's documentation. */
type PagerEvent = {
  routing_key: string
  event_action: string
  dedup_key: string
  payload?: { summary: string; severity: string; source: string; class: string; custom_details: Record<string, string> }
  links?: { href: string; text: string }[]
}

let folder: string
let alertmanager: RunningProgram
let alertsUrl: string
let receiver: Awaited<ReturnType<typeof startReceiver>>

beforeAll(async () => {
  const programs = await getPrometheus()
  folder = await mkdtemp(join(tmpdir(), 'vividly-pagerduty-'))
  receiver = await startReceiver()
  for (const [name, text] of Object.entries({ 'pagerduty-key': 'a-routing-key', 'slack-url': `${receiver.url}/slack`, 'heartbeat-url': `${receiver.url}/heartbeat`, 'smtp-password': 'none' })) {
    await writeFile(join(folder, name), text)
  }
  const file = join(folder, 'alertmanager.yaml')
  const committed = (await read('elsewhere.yaml')).replaceAll('/run/vividly', folder)
  await writeFile(file, committed.replace('global:\n', `global:\n  pagerduty_url: ${receiver.url}/v2/enqueue\n`).replace('group_wait: 10s', 'group_wait: 1s').replace('group_interval: 1m', 'group_interval: 1s'))
  // Ends with an error where it finds one.
  await run(programs.amtool, ['check-config', file])
  const [port = 0] = await freePorts(1)
  alertsUrl = `http://127.0.0.1:${port}/api/v2/alerts`
  alertmanager = await startProgram({
    program: programs.alertmanager,
    args: [`--config.file=${file}`, `--storage.path=${join(folder, 'data')}`, `--web.listen-address=127.0.0.1:${port}`, '--cluster.listen-address='],
    ready: `http://127.0.0.1:${port}/-/ready`,
  })
  // The first time it builds programs.
}, 1_800_000)
afterAll(async () => {
  await alertmanager?.stop()
  await receiver?.stop()
  await rm(folder, { recursive: true, force: true })
})

test('elsewhere.yaml differs from alertmanager.yaml in its receivers alone', async () => {
  type Config = { route: unknown; inhibit_rules: unknown[]; receivers: { name: string }[] }
  const ours = parse(await read('alertmanager.yaml')) as Config
  const elsewhere = parse(await read('elsewhere.yaml')) as Config
  expect(ours.inhibit_rules.length).toBeGreaterThan(5)
  expect([elsewhere.route, elsewhere.inhibit_rules]).toEqual([ours.route, ours.inhibit_rules])
  const names = ({ receivers }: Config) => receivers.map(({ name }) => name)
  expect(names(elsewhere)).toEqual(names(ours))
})

test('PagerDuty is told of a page with its links, once, and of its end; the heartbeat goes elsewhere', async () => {
  const alert = {
    labels: { alertname: 'CircuitBreakerOpen', severity: 'page', owner: 'pipeline', name: 'gemini' },
    annotations: {
      summary: 'Circuit breaker gemini is open',
      description: 'Calls are refused.',
      runbook_url: 'http://tracker.example/runbooks/CircuitBreakerOpen',
      examples_url: 'http://tracker.example/monitoring/dashboard?breaker=gemini',
      dashboard_url: 'http://tracker.example/monitoring/dashboard',
    },
    startsAt: new Date().toISOString(),
  }
  const watchdog = { labels: { alertname: 'Watchdog', severity: 'none', owner: 'platform' }, annotations: {}, startsAt: alert.startsAt }
  const burn = { ...alert, labels: { ...alert.labels, alertname: 'RequestFailureBudgetBurn', pipeline: 'content_generation' } }
  const post = (alerts: object[]) => fetch(alertsUrl, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(alerts) })
  // As Prometheus does, which still sees the failures when the outage is over.
  const recently = { ...alert, labels: { ...alert.labels, alertname: 'CircuitBreakerRecentlyOpen', severity: 'none' } }
  expect((await post([alert, burn, recently, watchdog])).status).toBe(200)
  await expect.poll(() => receiver.events.length, { timeout: 20_000 }).toBe(1)
  const [event] = receiver.events
  expect(event).toMatchObject({
    routing_key: 'a-routing-key',
    event_action: 'trigger',
    payload: { severity: 'critical', class: 'CircuitBreakerOpen', summary: 'Circuit breaker gemini is open. ', custom_details: { description: 'Calls are refused. ' } },
  })
  expect(event?.links?.map(({ href }) => href)).toEqual([alert.annotations.runbook_url, alert.annotations.examples_url, alert.annotations.dashboard_url])
  expect(receiver.paths).toContain('/heartbeat')
  expect(receiver.paths).toContain('/slack')

  await post([{ ...alert, endsAt: new Date().toISOString() }])
  await expect.poll(() => receiver.events.length, { timeout: 20_000 }).toBe(2)
  expect(receiver.events[1]).toMatchObject({ event_action: 'resolve', dedup_key: event?.dedup_key })
  await sleep(5_000)
  expect(receiver.events).toHaveLength(2)
}, 60_000)

/** Stands in for PagerDuty, Slack and the heartbeat. */
async function startReceiver() {
  const events: PagerEvent[] = []
  const paths: string[] = []
  const server = createServer((request, response) => {
    void take()
    async function take(): Promise<void> {
      const body = await json(request)
      paths.push(request.url ?? '')
      if (request.url === '/v2/enqueue') events.push(body as PagerEvent)
      response.writeHead(request.url === '/v2/enqueue' ? 202 : 200).end('ok')
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    events,
    paths,
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
