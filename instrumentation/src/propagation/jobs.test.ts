import { trace } from '@opentelemetry/api'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newCorrelationId, rootSpanIdOf, traceIdOf } from '../identity.ts'
import { instrumentForTest } from '../testing/instrumentForTest.ts'
import type { TestInstrumentation } from '../testing/instrumentForTest.ts'
import { jobData, runJob } from './jobs.ts'

let otel: TestInstrumentation
beforeAll(async () => {
  otel = await instrumentForTest()
})
afterAll(() => otel.stop())

const activeSpan = () => trace.getActiveSpan()?.spanContext()
const throughJson = <T>(data: T): T => JSON.parse(JSON.stringify(data)) as T

test('a job keeps its data, and brings its request to the handler', () => {
  const id = newCorrelationId(Date.now())
  const job = { data: throughJson(jobData(id, { script: 'Tides come and go' })) }
  expect(job.data).toMatchObject({ script: 'Tides come and go' })
  const seen = runJob(job, (correlationId, { data }) => ({ correlationId, script: data.script, active: activeSpan() }))
  expect(seen).toMatchObject({
    correlationId: id,
    script: 'Tides come and go',
    active: { traceId: traceIdOf(id), spanId: rootSpanIdOf(id), isRemote: true },
  })
})

test('a foreign trace goes with a job too', () => {
  const traceId = 'c1d7ab00000000000000000000000001'
  const span = runJob({ data: throughJson(jobData(traceId)) }, (id) => ({ id, ...activeSpan() }))
  expect(span).toMatchObject({ id: traceId, traceId })
})

test('headers of another trace don’t lead a job astray', () => {
  const id = newCorrelationId(Date.now())
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  const job = { data: { vividly: { 'vividly-correlation-id': id, traceparent } } }
  expect(runJob(job, () => activeSpan()?.traceId)).toBe(traceIdOf(id))
})

test('no job is lost for us: whatever it holds, its handler runs once and its value is the caller’s', () => {
  fc.assert(
    fc.property(fc.anything(), (data) => {
      let runs = 0
      const value = runJob({ data }, () => {
        runs += 1
        return data
      })
      expect(value).toBe(data)
      expect(runs).toBe(1)
    }),
  )
  expect(jobData('no request', { script: 'x' })).toEqual({ script: 'x' })
  expect(otel.warnings).toHaveLength(2)
})
