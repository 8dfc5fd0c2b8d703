import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parseIdentity } from './identity.ts'
import { RequestTracker } from './RequestTracker.ts'
import { instrumentForTest } from './testing/instrumentForTest.ts'
import type { TestInstrumentation } from './testing/instrumentForTest.ts'

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

const names = (): string[] => otel.sink.records.map((record) => record.eventName)
const spanNamed = (name: string) => {
  const found = otel.sink.spans.filter((span) => span.name === name)
  expect(found).toHaveLength(1)
  return found[0] as (typeof found)[0]
}

describe('a request from creation to completion', () => {
  // Repeated, for a machine busy with something else may be late itself.
  it('is told in order, by records that leave within 200 ms of the call', { retry: 2 }, async () => {
    async function within200ms(event: string, call: () => void): Promise<void> {
      const calledMs = Date.now()
      call()
      await otel.sink.waitFor(event, () => names().includes(event))
      expect(otel.sink.event(event).receivedAtMs - calledMs).toBeLessThan(200)
    }
    let id = ''
    await within200ms('vividly.request.created', () => {
      id = tracker.createRequest(newRequest).correlationId
    })
    await within200ms('vividly.request.started', () => tracker.startRequest(id))
    await within200ms('vividly.stage.started', () => tracker.startStage(id, 'validation'))
    await within200ms('vividly.stage.completed', () =>
      tracker.completeStage(id, 'validation', { allowed: true }),
    )
    await within200ms('vividly.request.completed', () => tracker.completeRequest(id))
    expect(names()).toEqual([
      'vividly.request.created',
      'vividly.request.started',
      'vividly.stage.started',
      'vividly.stage.completed',
      'vividly.request.completed',
    ])
  })

  it('is one root span with the derived IDs, and stages under it', async () => {
    const request = tracker.createRequest({
      ...newRequest,
      studentName: 'Ada',
      organizationId: 'org-1',
      learningObjective: 'Explain it',
    })
    const id = request.correlationId
    const identity = parseIdentity(id)
    expect(request).toEqual({
      correlationId: id,
      requestId: identity?.requestId,
      traceId: identity?.traceId,
      traceparent: `00-${identity?.traceId}-${identity?.rootSpanId}-01`,
    })
    await tracker.trackStage(id, 'validation', () => {})
    tracker.completeRequest(id, {
      videoUrl: 'https://cdn/v.mp4',
      thumbnailUrl: 'https://cdn/t.jpg',
      scriptText: 'Once',
    })
    tracker.completeRequest(id)
    await otel.flush()

    expect(otel.sink.spans).toHaveLength(2)
    const root = spanNamed('content_generation')
    expect(root).toMatchObject({
      traceId: identity?.traceId,
      spanId: identity?.rootSpanId,
      startTimeUnixNano: `${identity?.createdAtMs}000000`,
      attributes: {
        'vividly.pipeline.name': 'content_generation',
        'vividly.organization.id': 'org-1',
        'user.id': 's-17',
        'user.full_name': 'Ada',
        'vividly.request.topic': 'Photosynthesis',
        'vividly.request.learning_objective': 'Explain it',
        'vividly.request.video_url': 'https://cdn/v.mp4',
        'vividly.request.thumbnail_url': 'https://cdn/t.jpg',
        'vividly.request.script_text': 'Once',
        'vividly.request.status': 'completed',
        'messaging.message.conversation_id': id,
      },
    })
    expect(root.parentSpanId ?? '').toBe('')
    expect(BigInt(root.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(root.startTimeUnixNano))
    expect(spanNamed('validation')).toMatchObject({
      traceId: identity?.traceId,
      parentSpanId: identity?.rootSpanId,
      kind: 1,
      attributes: {
        'vividly.pipeline.name': 'content_generation',
        'vividly.stage.name': 'validation',
        'vividly.stage.attempt': 1,
        'vividly.stage.status': 'completed',
      },
    })
    expect(otel.sink.event('vividly.request.created')).toMatchObject({
      traceId: identity?.traceId,
      spanId: identity?.rootSpanId,
      severityNumber: 9,
      message: 'request created: Photosynthesis',
      attributes: { 'user.id': 's-17', 'user.full_name': 'Ada', 'vividly.organization.id': 'org-1' },
      resource: {
        'service.name': 'test',
        'host.name': expect.any(String),
        'service.instance.id': expect.any(String),
      },
    })
    expect(otel.sink.event('vividly.stage.started').spanId).toBe(spanNamed('validation').spanId)
  })

  it('gives every record an identity of its own, and times in the order of the calls', async () => {
    const { correlationId: id } = tracker.createRequest(newRequest)
    for (let index = 0; index < 50; index += 1) tracker.logEvent(id, 'cache_hit')
    await otel.flush()
    const { records } = otel.sink
    expect(new Set(records.map((record) => record.attributes['log.record.uid'])).size).toBe(51)
    const times = records.map((record) => BigInt(record.timeUnixNano))
    expect(times.every((time, index) => index === 0 || time > (times[index - 1] ?? 0n))).toBe(true)
  })
})

describe('how a request ends', () => {
  it('failed: with the stage and the error on the record, and no stage name on the root', async () => {
    const { correlationId: id } = tracker.createRequest(newRequest)
    const error = Object.assign(new TypeError('no chunks', { cause: new Error('index gone') }), {
      code: 'E_NO_INDEX',
    })
    tracker.startStage(id, 'rag_retrieval')
    tracker.failRequest(id, error, { stage: 'rag_retrieval' })
    await otel.flush()
    const told = {
      'error.type': 'E_NO_INDEX',
      'exception.type': 'TypeError',
      'exception.message': 'no chunks',
    }
    expect(otel.sink.event('vividly.request.failed')).toMatchObject({
      severityNumber: 17,
      message: 'request failed in rag_retrieval: no chunks',
      attributes: { ...told, 'vividly.stage.name': 'rag_retrieval' },
    })
    expect(String(otel.sink.event('vividly.request.failed').attributes['exception.stacktrace'])).toMatch(
      /TypeError: no chunks[^]*Caused by: Error: index gone/,
    )
    const root = spanNamed('content_generation')
    expect(root).toMatchObject({
      status: { code: 2, message: 'no chunks' },
      attributes: { ...told, 'vividly.request.status': 'failed' },
    })
    expect(root.attributes).not.toHaveProperty('vividly.stage.name')
    expect(spanNamed('rag_retrieval')).toMatchObject({
      status: { code: 2, message: 'no chunks' },
      attributes: { ...told, 'vividly.stage.status': 'failed' },
    })
  })

  it('cancelled', async () => {
    const { correlationId: id } = tracker.createRequest(newRequest)
    tracker.cancelRequest(id, 'asked twice')
    await otel.flush()
    expect(otel.sink.event('vividly.request.cancelled')).toMatchObject({
      severityNumber: 13,
      message: 'request cancelled: asked twice',
    })
    expect(spanNamed('content_generation').attributes['vividly.request.status']).toBe('cancelled')
  })
})

describe('events', () => {
  it('puts a type without a namespace under vividly., its data into attributes, and keeps our own names', async () => {
    const { correlationId: id } = tracker.createRequest(newRequest)
    tracker.startStage(id, 'validation')
    tracker.logEvent(id, 'api_call', {
      message: 'asked Gemini',
      severity: 'critical',
      stage: 'validation',
      data: { duration_ms: 12, 'vividly.stage.name': 'nonsense' },
    })
    tracker.logEvent(id, 'billing.charged')
    tracker.completeStage(id, 'validation')
    await otel.flush()
    expect(otel.sink.event('vividly.api_call')).toMatchObject({
      spanId: spanNamed('validation').spanId,
      severityNumber: 21,
      message: 'asked Gemini',
      attributes: { duration_ms: 12, 'vividly.stage.name': 'validation', 'vividly.stage.attempt': 1 },
    })
    expect(otel.sink.event('billing.charged')).toMatchObject({
      message: 'billing.charged',
      spanId: parseIdentity(id)?.rootSpanId,
    })
  })

  it('knows the stage whose callback is running', async () => {
    const { correlationId: id } = tracker.createRequest(newRequest)
    await tracker.trackStage(id, 'validation', () => tracker.logEvent(id, 'validation_passed'), {
      attempt: 2,
    })
    await otel.flush()
    expect(otel.sink.event('vividly.validation_passed')).toMatchObject({
      spanId: spanNamed('validation').spanId,
      attributes: { 'vividly.stage.name': 'validation', 'vividly.stage.attempt': 2 },
    })
  })
})
