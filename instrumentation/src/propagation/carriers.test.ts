import { context, propagation, trace } from '@opentelemetry/api'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { correlationIdOf, newCorrelationId, parseIdentity, traceIdOf } from '../identity.ts'
import { RequestTracker } from '../RequestTracker.ts'
import { instrumentForTest } from '../testing/instrumentForTest.ts'
import type { TestInstrumentation } from '../testing/instrumentForTest.ts'
import { contextOf, environmentOf, headersOf, requestFromEnvironment, requestOf } from './carriers.ts'

let otel: TestInstrumentation
beforeAll(async () => {
  otel = await instrumentForTest()
})
afterAll(() => otel.stop())

const ids = fc
  .tuple(fc.integer({ min: 1_600_000_000_000, max: 9_999_999_999_999 }), fc.integer({ min: 0, max: 0xffff_ffff }))
  .map(([ms, random]) => `vvd_${ms}_${random.toString(16).padStart(8, '0')}`)
const upper = (headers: Record<string, string>) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]))
const without = (headers: Record<string, string>, name: string) => Object.fromEntries(Object.entries(headers).filter(([each]) => each !== name))

describe('headers and environment', () => {
  test('bring the same request to the other side, by either of their two, however they are cased', () => {
    fc.assert(
      fc.property(ids, (id) => {
        const headers = headersOf(id)
        const ways = [
          requestOf(headers),
          requestOf(new Headers(headers)),
          requestOf(upper(headers)),
          requestOf(without(headers, 'traceparent')),
          requestOf(without(headers, 'vividly-correlation-id')),
          requestFromEnvironment(environmentOf(id)),
        ]
        expect(ways.map((found) => found?.correlationId)).toEqual(ways.map(() => id))
      }),
    )
  })

  test('are read without a throw, whatever they hold', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('traceparent', 'vividly-correlation-id', 'get', 'x'), fc.anything()), (carrier) => {
        requestOf(carrier)
      }),
    )
    const trap = new Proxy({}, { get: () => { throw new Error('trap') }, ownKeys: () => { throw new Error('trap') } })
    expect(requestOf(trap)).toBeUndefined()
    expect(requestOf({ traceparent: '00-00000000000000000000000000000000-0000000000000000-01' })).toBeUndefined()
  })

  test('speak of a foreign trace too', () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
    expect(requestOf({ traceparent: `00-${traceId}-00f067aa0ba902b7-01` })).toEqual(parseIdentity(traceId))
  })

  test('name the span that is active, and what runs on the other side stands under it', async () => {
    const tracker = new RequestTracker()
    const { correlationId: id } = tracker.createRequest({ studentId: 's', topic: 't' })
    const { headers, spanId } = await tracker.trackStage(id, 'video_generation', () => ({
      headers: headersOf(id),
      spanId: trace.getActiveSpan()?.spanContext().spanId,
    }))
    expect(headers['traceparent']).toBe(`00-${traceIdOf(id)}-${spanId}-01`)
    context.with(contextOf(headers), () => trace.getTracer('there').startSpan('there', {}, context.active()).end())
    await otel.flush()
    expect(otel.sink.spans.find(({ name }) => name === 'there')).toMatchObject({ traceId: traceIdOf(id), parentSpanId: spanId })
    expect(correlationIdOf(traceIdOf(id))).toBe(id)
  })

  test('without a span of the request they name its root, which anyone can compute', () => {
    const id = newCorrelationId(Date.now())
    const traceId = traceIdOf(id)
    expect(headersOf(id)['traceparent']).toBe(`00-${traceId}-${traceId.slice(16)}-01`)
    const standard: Record<string, string> = {}
    propagation.inject(contextOf(headersOf(id)), standard)
    expect(standard['traceparent']).toBe(headersOf(id)['traceparent'])
  })
})
