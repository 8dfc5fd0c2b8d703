import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parseIdentity } from '../identity.ts'
import { RequestTracker } from '../RequestTracker.ts'
import { instrumentForTest } from '../testing/instrumentForTest.ts'
import type { TestInstrumentation } from '../testing/instrumentForTest.ts'

let otel: TestInstrumentation
let tracker: RequestTracker
const newRequest = { studentId: 's-17', topic: 'Photosynthesis' }

beforeAll(async () => {
  otel = await instrumentForTest()
})
afterAll(() => otel.stop())
beforeEach(async () => {
  await otel.flush()
  otel.sink.spans.length = 0
  otel.sink.records.length = 0
  otel.warnings.length = 0
  tracker = new RequestTracker()
})

const spanNamed = (name: string) => {
  const found = otel.sink.spans.filter((span) => span.name === name)
  expect(found).toHaveLength(1)
  return found[0] as (typeof found)[0]
}

describe('stages told step by step', () => {
  it('goes on with the same span through a retry', async () => {
    const { correlationId: id, requestId } = tracker.createRequest(newRequest)
    tracker.startStage(id, 'script_generation', { maxAttempts: 3 })
    tracker.retryStage(requestId, 'script_generation', {
      delayMs: 250,
      reason: 'rate limited',
      error: new Error('429'),
    })
    tracker.startStage(id, 'script_generation')
    tracker.completeStage(id, 'script_generation', { words: 300 })
    await otel.flush()
    const stage = spanNamed('script_generation')
    expect(stage.attributes).toMatchObject({
      'vividly.stage.attempt': 2,
      'vividly.stage.max_attempts': 3,
      'vividly.stage.output': '{"words":300}',
      'vividly.stage.status': 'completed',
    })
    expect(stage.status.code).toBe(0)
    expect(
      otel.sink.records
        .slice(1)
        .map(({ eventName, attributes }) => [eventName, attributes['vividly.stage.attempt']]),
    ).toEqual([
      ['vividly.stage.started', 1],
      ['vividly.retry', 1],
      ['vividly.stage.started', 2],
      ['vividly.stage.completed', 2],
    ])
    expect(otel.sink.event('vividly.retry')).toMatchObject({
      spanId: stage.spanId,
      severityNumber: 13,
      attributes: {
        'vividly.retry.delay_ms': 250,
        'vividly.retry.reason': 'rate limited',
        'exception.message': '429',
      },
    })
    expect(otel.sink.event('vividly.stage.completed').attributes['vividly.stage.output']).toEqual({
      words: 300,
    })
    const attempts = otel.sink.spans.filter((span) => span.name === 'script_generation attempt')
    expect(
      attempts.map((span) => [span.parentSpanId, span.attributes['vividly.stage.attempt'], span.status.code]),
    ).toEqual([
      [stage.spanId, 1, 2],
      [stage.spanId, 2, 0],
    ])
    expect(attempts.every((span) => !('vividly.stage.name' in span.attributes))).toBe(true)
  })

  it('needs no start in this process: the records carry the attempt they are told', async () => {
    const { correlationId: id } = tracker.createRequest(newRequest)
    const elsewhere = new RequestTracker()
    elsewhere.retryStage(id, 'notification', { attempt: 2, delayMs: 10, reason: 'mail server down' })
    elsewhere.failStage(id, 'notification', new Error('gave up'), { attempt: 3 })
    elsewhere.completeStage(id, 'validation')
    elsewhere.skipStage(id, 'video_processing', 'nothing to do')
    await otel.flush()
    expect(otel.sink.spans).toEqual([])
    const told = otel.sink.records.slice(1)
    expect(
      told.map(({ eventName, attributes }) => [
        eventName,
        attributes['vividly.stage.name'],
        attributes['vividly.stage.attempt'],
      ]),
    ).toEqual([
      ['vividly.retry', 'notification', 2],
      ['vividly.stage.failed', 'notification', 3],
      ['vividly.stage.completed', 'validation', 1],
      ['vividly.stage.skipped', 'video_processing', 1],
    ])
    expect(new Set(told.map((record) => record.spanId))).toEqual(new Set([parseIdentity(id)?.rootSpanId]))
  })

  it('marks a skipped stage that had started', async () => {
    const { correlationId: id } = tracker.createRequest(newRequest)
    tracker.startStage(id, 'notification')
    tracker.skipStage(id, 'notification', 'muted')
    await otel.flush()
    expect(spanNamed('notification').attributes['vividly.stage.status']).toBe('skipped')
    expect(otel.sink.event('vividly.stage.skipped').message).toBe('notification skipped: muted')
  })
})
