import { execFile } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseIdentity } from './identity.ts'
import { RequestTracker } from './RequestTracker.ts'
import { instrumentForTest } from './testing/instrumentForTest.ts'
import type { TestInstrumentation } from './testing/instrumentForTest.ts'

const worker = fileURLToPath(new URL('testing/finishElsewhere.ts', import.meta.url))
let otel: TestInstrumentation

beforeAll(async () => {
  otel = await instrumentForTest({ env: { OTEL_SERVICE_NAME: '' } })
})
afterAll(() => otel.stop())

it('joins processes by the correlation ID alone, under one root span', async () => {
  const tracker = new RequestTracker()
  const { correlationId } = tracker.createRequest({ studentId: 's', topic: 't' })
  await tracker.trackStage(correlationId, 'validation', () => {})

  const env = { ...process.env, OTEL_SERVICE_NAME: 'worker' }
  const run = promisify(execFile)
  const { stderr } = await run(process.execPath, [worker, correlationId, 'end'], { env, timeout: 20_000 })
  expect(stderr).toBe('')
  await otel.flush()

  const identity = parseIdentity(correlationId)
  const { spans, records } = otel.sink
  expect([...new Set([...spans, ...records].map((signal) => signal.traceId))]).toEqual([identity?.traceId])
  expect(
    spans
      .map((span) => `${span.name} of ${String(span.resource['service.name'])}, parent ${span.parentSpanId}`)
      .sort(),
  ).toEqual([
    'content_generation of worker, parent undefined',
    `script_generation of worker, parent ${identity?.rootSpanId}`,
    `validation of test, parent ${identity?.rootSpanId}`,
  ])
  expect(spans.find((span) => span.name === 'content_generation')).toMatchObject({
    spanId: identity?.rootSpanId,
    startTimeUnixNano: `${identity?.createdAtMs}000000`,
    attributes: { 'vividly.request.video_url': 'https://cdn/v.mp4' },
  })
  expect(spans.find((span) => span.name === 'script_generation')?.attributes['vividly.stage.attempt']).toBe(2)
  expect(new Set([...spans, ...records].map((signal) => signal.resource['service.instance.id'])).size).toBe(2)
})
