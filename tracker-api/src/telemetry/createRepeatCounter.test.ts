import { expect, test } from 'vitest'
import type { LogSignal, SignalBatch, SpanSignal } from '../signal.ts'
import { createRepeatCounter } from './createRepeatCounter.ts'

const span = (id: number) => ({ trace_id: 'a'.repeat(32), span_id: String(id).padStart(16, '0') }) as SpanSignal
const log = (uid: string | null) => ({ uid }) as LogSignal
const batch = (spans: SpanSignal[], logs: LogSignal[] = []): SignalBatch => ({ spans, logs, refusals: [] })

test('what was stored before is a repetition, whichever batch it comes in', () => {
  const count = createRepeatCounter()
  expect(count(batch([span(1), span(2)], [log('x'), log(null), log(null)]))).toEqual({ spans: 0, logs: 0 })
  expect(count(batch([span(2), span(3)], [log('x'), log('y'), log(null)]))).toEqual({ spans: 1, logs: 1 })
  expect(count(batch([span(3), span(3)]))).toEqual({ spans: 2, logs: 0 })
})

test('it remembers the newest, and not more than twice as many', () => {
  const count = createRepeatCounter(100)
  for (let id = 0; id < 1000; id += 1) count(batch([span(id)]))
  expect(count(batch([span(950)]))).toEqual({ spans: 1, logs: 0 })
  expect(count(batch([span(700)]))).toEqual({ spans: 0, logs: 0 })
})
