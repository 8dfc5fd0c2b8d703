import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { API_BASE, problem, requestSpanList } from '../contract.ts'
import { startMonitoring } from '../testing/startMonitoring.ts'
import type { Monitoring } from '../testing/startMonitoring.ts'
import { beginStory, exampleLogs, tell } from '../testing/tellStory.ts'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'
import { ADMIN_BASE } from '../adminContract.ts'
import { adminOperations } from './admin/adminOperations.ts'
import { apiOperations } from './apiOperations.ts'
import { createOpenApi } from './createOpenApi.ts'
import { monitoringRoutes } from './monitoringRoutes.ts'
import { TRACKING_BASE } from '../trackingContract.ts'
import { trackingOperations } from './tracking/trackingOperations.ts'
import { createTestApp } from './testing/createTestApp.ts'

const repository = new URL('../../../', import.meta.url)
let test_: TestDatabase
let app: Monitoring
const story = beginStory(Date.now() - 60_000)
const stageSpan = 'aaaaaaaaaaaaaaaa'
const child = 'bbbbbbbbbbbbbbbb'
beforeAll(async () => {
  test_ = await createTestDatabase()
  app = await startMonitoring(test_.url)
  await tell(test_.sql, exampleLogs(story), [
    story.span(child, 13_000, 14_000, {}, { parent_span_id: stageSpan, name: 'ask the model' }),
    story.span(stageSpan, 12_000, 40_300, { 'vividly.stage.name': 'script_generation' }),
  ])
})
afterAll(async () => {
  await app.close()
  await test_.drop()
})

test('the committed document is what the schemas say; else: npm run openapi', async () => {
  const committed: unknown = JSON.parse(await readFile(new URL('docs/openapi.json', repository), 'utf8'))
  expect(committed).toEqual(JSON.parse(JSON.stringify(createOpenApi())))
  const served = await createTestApp().app.request('/api/v1/openapi.json')
  expect(await served.json()).toEqual(committed)
})

test('every route is an operation and in the documentation', async () => {
  const routes = monitoringRoutes({} as Parameters<typeof monitoringRoutes>[0]).routes
  const paths = new Set(routes.map(({ path }) => path.replaceAll(/:(\w+)/g, '{$1}')))
  expect([...paths].toSorted()).toEqual(apiOperations.map(({ path }) => path).toSorted())
  const page = await readFile(new URL('docs/api.md', repository), 'utf8')
  for (const { path, query } of apiOperations) {
    expect(page).toContain(`## GET ${path}\n`)
    const [, section = ''] = page.split(`## GET ${path}\n`)
    const own = section.split('\n## ')[0] ?? ''
    for (const name of Object.keys(query)) expect(own).toContain(`\`${name}\``)
  }
})

const pathOf = (path: string): string => app.url + path.replace('{id}', story.correlationId).replace('{name}', 'nano_banana')

test.each(apiOperations)('$path answers what is not a reading, not acceptable or unknown with a problem', async ({ path, answer }) => {
  const post = await fetch(pathOf(path), { method: 'POST' })
  expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  problem.parse(await post.json())
  const picture = await fetch(pathOf(path), { headers: { accept: 'image/png, application/xml;q=0.1' } })
  expect([picture.status, picture.headers.get('content-type')]).toEqual([406, 'application/problem+json'])
  const unknown = await fetch(`${pathOf(path)}?colour=red`)
  expect(unknown.status).toBe(400)
  expect(problem.parse(await unknown.json()).detail).toContain('colour')
  if (answer === undefined) return
  const some = await fetch(pathOf(path), { headers: { accept: 'image/png, */*;q=0.1' } })
  expect(some.status).toBe(200)
  await some.body?.cancel()
})

test('spans come by start, each with the stage it lies in', async () => {
  const list = requestSpanList.strict().parse(await (await app.request(`/requests/${story.traceId}/spans`)).json())
  expect(list.truncated).toBe(false)
  expect(list.items).toMatchObject([
    { span_id: stageSpan, stage_name: 'script_generation', duration_seconds: 28.3 },
    { span_id: child, parent_span_id: stageSpan, name: 'ask the model', stage_name: 'script_generation', duration_seconds: 1 },
  ])
  expect((await app.request(`/requests/${beginStory(1_700_000_000_000).correlationId}/spans`)).status).toBe(404)
})

test('an answer that would say the same is a 304, until something changes', async () => {
  const url = `${app.url}/requests/${story.requestId}`
  const first = await fetch(url)
  const etag = first.headers.get('etag') ?? ''
  expect(etag).toMatch(/^W\/"/)
  await first.body?.cancel()
  const conditional = () => fetch(url, { headers: { 'if-none-match': `"other", ${etag}` } })
  const same = await conditional()
  expect([same.status, same.headers.get('etag'), await same.text()]).toEqual([304, etag, ''])
  await tell(test_.sql, [story.log('vividly.stage.completed', 90_000, { 'vividly.stage.name': 'video_generation' })])
  const changed = await conditional()
  expect(changed.status).toBe(200)
  expect(changed.headers.get('etag')).not.toBe(etag)
  await changed.body?.cancel()
})

test('the document speaks of what is read and of what is told, and of nothing else', () => {
  const paths = Object.entries(createOpenApi()['paths'] as Record<string, object>)
  const said = paths.flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`))
  expect(said.toSorted()).toEqual([
    ...apiOperations.map(({ path }) => `get ${API_BASE}${path}`),
    ...trackingOperations.map(({ path }) => `post ${TRACKING_BASE}${path}`),
    ...adminOperations.map(({ method, path }) => `${method} ${ADMIN_BASE}${path}`),
  ].toSorted())
})
