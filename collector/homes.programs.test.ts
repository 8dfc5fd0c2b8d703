import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startOtlpSink } from '../instrumentation/src/testing/startOtlpSink.ts'
import type { OtlpSink } from '../instrumentation/src/testing/startOtlpSink.ts'
import { buildCollector } from './src/buildCollector.ts'
import { freePorts } from './src/freePorts.ts'
import { startCollector } from './src/startCollector.ts'
import { PERSONAL, tellRequest } from './src/testing/tellRequest.ts'

type Post = { url: string; headers: Record<string, unknown>; body: string }

let tracker: OtlpSink
let home: Awaited<ReturnType<typeof startHome>>
let collector: Awaited<ReturnType<typeof startCollector>>
let url: string
let queue: string

beforeAll(async () => {
  await buildCollector((line) => console.log(line))
  tracker = await startOtlpSink()
  home = await startHome()
  queue = await mkdtemp(join(tmpdir(), 'vividly-homes-'))
  const [health = 0, grpc = 0, http = 0, metrics = 0, own = 0] = await freePorts(5)
  url = `http://127.0.0.1:${http}`
  collector = await startCollector({
    configs: ['collector.yaml', 'homes/failures.yaml', 'homes/sentry.yaml', 'homes/datadog.yaml', 'src/testing/plain.yaml', 'src/testing/plainHomes.yaml'],
    env: {
      COLLECTOR_HEALTH_PORT: String(health),
      COLLECTOR_GRPC_PORT: String(grpc),
      COLLECTOR_HTTP_PORT: String(http),
      COLLECTOR_METRICS_PORT: String(metrics),
      COLLECTOR_OWN_METRICS_PORT: String(own),
      COLLECTOR_QUEUE_DIR: queue,
      TRACKER_OTLP_URL: tracker.url,
      TRACE_STORE_OTLP_URL: tracker.url,
      SENTRY_TRACES_URL: `${home.url}/sentry/traces`,
      SENTRY_LOGS_URL: `${home.url}/sentry/logs`,
      SENTRY_PUBLIC_KEY: 'a-public-key',
      DATADOG_TRACES_URL: `${home.url}/datadog/traces`,
      DATADOG_LOGS_URL: `${home.url}/datadog/logs`,
      DATADOG_API_KEY: 'an-api-key',
      DATADOG_OTLP_SOURCE: 'a-source',
    },
  })
}, 1_800_000)
afterAll(async () => {
  await collector?.stop()
  await home?.stop()
  await tracker?.stop()
  await rm(queue, { recursive: true, force: true })
})

test('Sentry and Datadog get what failed, each by its own key, and nothing personal', async () => {
  const told = tellRequest(Date.now())
  const [group] = told.logs.resourceLogs[0]?.scopeLogs ?? []
  const [created] = group?.logRecords ?? []
  if (group === undefined || created === undefined) throw new Error('The story has no record')
  const quoted = { ...created, eventName: 'vividly.stage.failed', severityNumber: 17, body: { stringValue: `${PERSONAL.name} asks too much` } }
  const failed = { ...quoted, attributes: [...quoted.attributes, { key: 'error.type', value: { stringValue: 'TopicRefused' } }] }
  group.logRecords.push(failed)
  for (const [path, body] of [['/v1/traces', told.traces], ['/v1/logs', told.logs]] as const) {
    const answer = await fetch(url + path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
    expect(answer.status).toBe(200)
  }
  await expect.poll(() => home.posts.map((post) => post.url).sort(), { timeout: 15_000 }).toEqual(
    ['/datadog/logs', '/datadog/traces', '/sentry/logs', '/sentry/traces'],
  )
  await tracker.waitFor('both records at the tracker', () => tracker.records.length === 2)
  for (const post of home.posts) {
    expect(post.headers).toMatchObject(post.url.startsWith('/sentry') ? { 'x-sentry-auth': 'sentry sentry_key=a-public-key' } : { 'dd-api-key': 'an-api-key', 'dd-otlp-source': 'a-source' })
    for (const personal of Object.values(PERSONAL)) expect(post.body).not.toContain(personal)
    expect(post.body).toContain('TopicRefused')
    expect(post.body).toContain(told.traceId)
    // The query and the creation went well.
    expect(post.body).not.toMatch(/SELECT|request\.created/)
  }
  const records = home.posts.filter((post) => post.url.endsWith('/logs'))
  for (const { body } of records) expect(body).toContain('vividly.stage.failed: TopicRefused')
})

/** Anybody's intake: keeps what is posted. */
async function startHome() {
  const posts: Post[] = []
  const server = createServer((request, response) => {
    void take()
    async function take(): Promise<void> {
      posts.push({ url: request.url ?? '', headers: request.headers, body: await text(request) })
      response.setHeader('Content-Type', 'application/json').end('{}')
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posts,
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
