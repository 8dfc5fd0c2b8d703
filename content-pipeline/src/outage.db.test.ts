import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseIdentity } from '@vividly/instrumentation'
import { createTestDatabase, type TestDatabase } from '@vividly/tracker-api/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type OtlpSink, startOtlpSink } from './testing/startOtlpSink.ts'
import { type PipelineProcess, startPipelineProcess } from './testing/startPipelineProcess.ts'

let database: TestDatabase
let sink: OtlpSink
let pipeline: PipelineProcess
beforeAll(async () => {
  database = await createTestDatabase()
  sink = await startOtlpSink()
  pipeline = await startPipelineProcess(database.url, sink.url, 60)
})
afterAll(async () => {
  await pipeline?.stop()
  await sink?.stop()
  await database?.drop()
})

const ask = async () => (await pipeline.ask({ student_id: 's-1002', topic: 'The water cycle' })).body['correlation_id'] ?? ''
const eventOf = (id: string, event: string) =>
  sink.logs.find((log) => log.event === event && log.traceId === parseIdentity(id)?.traceId)
const breakerStates = (name: string) =>
  sink.logs
    .filter((log) => log.event === 'vividly.circuit_breaker.state_changed' && log.attributes['vividly.circuit_breaker.name'] === name)
    .map((log) => log.attributes['vividly.circuit_breaker.state'])

const switchFault = (url: string, mode: string) =>
  fetch(`${url}/faults`, { method: 'PUT', body: JSON.stringify({ mode, rate: 1 }) })

test.each([
  ['gemini', 'Gemini', 'geminiUrl', 'script_generation'],
  ['nano_banana', 'Nano Banana', 'nanoBananaUrl', 'video_generation'],
] as const)('an outage of %s opens its breaker, fails requests with a readable reason, and heals', async (name, provider, url, stage) => {
  await switchFault(pipeline[url], 'outage')
  const ids = await Promise.all([ask(), ask(), ask()])
  await sink.until('the breaker to open', () => breakerStates(name).includes('open'))
  for (const id of ids) {
    const failed = await sink.until(`the end of ${id}`, () => eventOf(id, 'vividly.request.failed'))
    expect(failed.attributes['vividly.stage.name']).toBe(stage)
    expect(failed.attributes['exception.message']).toMatch(
      new RegExp(`^${provider} (circuit breaker is open|could not be reached: )`),
    )
    const mail = await readFile(join(pipeline.dataDir, 'mailbox', `${id}.failed.eml`), 'utf8')
    expect(mail).toContain(provider)
  }
  const reasons = sink.logs.filter((log) => log.event === 'vividly.retry').map((log) => String(log.attributes['vividly.retry.reason']))
  expect(reasons.some((reason) => reason.startsWith(`${provider} circuit breaker is open`))).toBe(true)

  await switchFault(pipeline[url], 'none')
  // Asked while the breaker is still open: this one waits for it instead of failing.
  const after = await ask()
  await sink.until('the next request to complete', () => eventOf(after, 'vividly.request.completed'))
  expect(breakerStates(name).at(-1)).toBe('closed')
})

test.each([
  ['500', /Gemini answered 500/],
  ['429', /Gemini answered 429/],
  ['hang', /Gemini did not answer within/],
] as const)('a provider that answers %s is tried again and recovers', async (mode, reason) => {
  await switchFault(pipeline.geminiUrl, mode)
  const id = await ask()
  const retry = await sink.until('a retry', () => eventOf(id, 'vividly.retry'))
  expect(retry.attributes['vividly.retry.reason']).toMatch(reason)
  await switchFault(pipeline.geminiUrl, 'none')
  await sink.until('the request to complete', () => eventOf(id, 'vividly.request.completed'))
})
