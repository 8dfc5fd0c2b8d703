import { readFile } from 'node:fs/promises'
import { newCorrelationId } from '@vividly/instrumentation/identity'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  circuitBreakers, dashboard, metrics, requestDetail, requestEventList, requestList, requestSpanList,
  streamFrames,
} from '../contract.ts'
import { breakerHistory, concurrency, deployments, organizations, outliers, stageNormals, trendComparison, trends } from '../trendsContract.ts'
import { followStream } from '../testing/followStream.ts'
import { startMonitoring } from '../testing/startMonitoring.ts'
import type { Monitoring } from '../testing/startMonitoring.ts'
import { beginStory, exampleLogs, tell } from '../testing/tellStory.ts'
import { TRACKING_BASE, told } from '../trackingContract.ts'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'
import { trackingOperations } from './tracking/trackingOperations.ts'

const page = await readFile(new URL('../../../docs/api.md', import.meta.url), 'utf8')
const base = 'http://127.0.0.1:8484/api/v1/monitoring'
const documented = [...page.matchAll(/^curl .*'(http[^']+)'$/gm)]
const calls = documented.flatMap(([, url = '']) => (url.startsWith(base) ? [url.replace(base, '')] : []))
const tellings = [...page.matchAll(/^curl -sS --json '([^']+)' 'http:\/\/127.0.0.1:8484([^']+)'$/gm)].map(([, body = '', path = '']) => ({ path, body }))
const answers = [
  [/^\/requests(\?|$)/, requestList],
  [/^\/requests\/[^/]+$/, requestDetail],
  [/^\/requests\/[^/]+\/events/, requestEventList],
  [/^\/requests\/[^/]+\/spans/, requestSpanList],
  [/^\/dashboard/, dashboard],
  [/^\/metrics/, metrics],
  [/^\/trends(\?|$)/, trends],
  [/^\/trends\/comparison/, trendComparison],
  [/^\/trends\/concurrency/, concurrency],
  [/^\/stages\/normals/, stageNormals],
  [/^\/outliers/, outliers],
  [/^\/circuit-breakers(\?|$)/, circuitBreakers],
  [/^\/circuit-breakers\/[^/]+\/history/, breakerHistory],
  [/^\/deployments/, deployments],
  [/^\/organizations/, organizations],
] as const

let test_: TestDatabase
let app: Monitoring
const story = beginStory(Date.now() - 60_000)
beforeAll(async () => {
  test_ = await createTestDatabase()
  app = await startMonitoring(test_.url)
  await tell(test_.sql, exampleLogs(story))
})
afterAll(async () => {
  await app.close()
  await test_.drop()
})

test('the page documents a call of every endpoint, and nothing in a form that this test overlooks', () => {
  for (const [path] of answers) expect(calls.filter((call) => path.test(call))).not.toEqual([])
  for (const { path } of trackingOperations) {
    const pattern = new RegExp(`^${TRACKING_BASE}${path.replaceAll(/{\w+}/g, '[^/]+')}$`)
    expect(tellings.filter((telling) => pattern.test(telling.path))).not.toEqual([])
    expect(page).toContain(`| \`${path}\` |`)
  }
  expect(calls.length + tellings.length).toBe([...page.matchAll(/\bcurl\b/g)].length)
})

test('what the page tells is told, each call of it', async () => {
  const own = newCorrelationId(Date.now() - 5_000)
  for (const { path, body } of tellings) {
    const url = new URL(path.replace('vvd_1709234567890_a1b2c3d4', own), app.url)
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(url, { method: 'POST', headers, body: body.replace('vvd_1709234567890_a1b2c3d4', own) })
    expect([path, response.status]).toEqual([path, path === `${TRACKING_BASE}/requests` ? 201 : 200])
    expect(told.strict().parse(await response.json())).toMatchObject({ correlation_id: own })
  }
  const detail = await fetch(`${app.url}/requests/${own}`)
  expect(await detail.json()).toMatchObject({ status: 'completed', topic: 'Photosynthesis in Plants', retry_count: 1 })
})

test.each(calls.filter((call) => !/^\/stream|\.csv/.test(call)))('the documented call %s answers as the contract says', async (call) => {
  const [, schema] = answers.find(([path]) => path.test(call)) ?? []
  const response = await fetch(app.url + call.replace('vvd_1709234567890_a1b2c3d4', story.correlationId))
  expect(response.status).toBe(200)
  schema?.strict().parse(await response.json())
})

test('the documented stream begins, and the page names every frame', async () => {
  const [call, ...others] = calls.filter((path) => path.startsWith('/stream'))
  expect(others).toEqual([])
  const stream = await followStream(app.url + call)
  await stream.waitFor('hello')
  stream.cut()
  for (const event of Object.keys(streamFrames)) expect(page).toContain(`| \`${event}\` |`)
})
