import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { FaultSwitch } from './faults.ts'
import { createGeminiApp } from './geminiApp.ts'
import { createNanoBananaApp } from './nanoBananaApp.ts'
import { VideoJobs } from './VideoJobs.ts'

const post = (body: unknown, headers = {}) => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json', ...headers },
  body: JSON.stringify(body),
})
const putFaults = (body: unknown) => ({ ...post(body), method: 'PUT' })
const noFaults = (): FaultSwitch => ({ current: { mode: 'none', rate: 1 } })
const text = 'Topic: Fractions\nSource: A fraction is a part of a whole.'
const prompt = { contents: [{ parts: [{ text }] }] }
const generate = '/v1beta/models/gemini-2.5-flash:generateContent'

test('Gemini writes a scene from each source and counts tokens', async () => {
  const app = createGeminiApp({ speed: 10_000, errorRate: 0, random: Math.random, faults: noFaults() })
  const answer = await app.request(generate, post(prompt))
  expect(answer.status).toBe(200)
  const body = await answer.json()
  expect(body.candidates[0].content.parts[0].text).toContain('A fraction is a part of a whole.')
  expect(body.usageMetadata.promptTokenCount).toBe(Math.ceil(text.length / 4))
})

test('faults are switched over HTTP, and 429 says when to come back', async () => {
  const app = createGeminiApp({ speed: 10_000, errorRate: 0, random: Math.random, faults: noFaults() })
  expect((await app.request('/faults', putFaults({ mode: '429', rate: 1 }))).status).toBe(200)
  const refused = await app.request(generate, post(prompt))
  expect(refused.status).toBe(429)
  expect(refused.headers.get('Retry-After')).toBe('1')
  await app.request('/faults', putFaults({ mode: '500' }))
  expect((await app.request(generate, post(prompt))).status).toBe(500)
  expect((await app.request('/faults', putFaults({ mode: 'sometimes' }))).status).toBe(400)
  await app.request('/faults', putFaults({ mode: 'none' }))
  expect((await app.request(generate, post(prompt))).status).toBe(200)
})

test('a fault at rate 0.3 hits the share of calls that the random numbers say', async () => {
  const numbers = [0.29, 0.31]
  const faults: FaultSwitch = { current: { mode: '500', rate: 0.3 } }
  const app = createGeminiApp({ speed: 10_000, errorRate: 0, random: () => numbers.shift() ?? 0.5, faults })
  expect((await app.request(generate, post(prompt))).status).toBe(500)
  expect((await app.request(generate, post(prompt))).status).toBe(200)
})

test('Nano Banana renders over time, tells progress, gives the file only at the end, and outlives a restart', async () => {
  let nowMs = 0
  const folder = await mkdtemp(join(tmpdir(), 'vividly-videos-'))
  const options = { speed: 1000, errorRate: 0, random: () => 0.5, faults: noFaults(), nowUnixMs: () => nowMs }
  const app = createNanoBananaApp({ ...options, jobs: await VideoJobs.open(folder) })
  const { id } = await (await app.request('/v1/videos', post({ script: 'One < two' }, { 'Idempotency-Key': 'a' }))).json()
  const again = await (await app.request('/v1/videos', post({ script: 'One < two' }, { 'Idempotency-Key': 'a' }))).json()
  expect(again.id).toBe(id)
  nowMs = 30
  const running = await (await app.request(`/v1/videos/${id}`)).json()
  expect(running).toMatchObject({ status: 'rendering', download_url: null })
  expect(running.progress).toBeGreaterThan(0)
  expect((await app.request(`/v1/videos/${id}/file`)).status).toBe(404)
  nowMs = 1000
  const restarted = createNanoBananaApp({ ...options, jobs: await VideoJobs.open(folder) })
  const done = await (await restarted.request(`/v1/videos/${id}`)).json()
  expect(done).toMatchObject({ status: 'succeeded', progress: 1 })
  expect(await (await restarted.request(done.download_url)).text()).toContain('One &lt; two')
})
