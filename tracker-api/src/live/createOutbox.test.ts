import { EventEmitter } from 'node:events'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Bundle } from './Bundle.ts'
import { createOutbox } from './createOutbox.ts'
import type { StreamSocket } from './createOutbox.ts'
import type { Frame } from './Frame.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

/** A reader that takes what is written only when told to: `room` characters until then. */
class Reader extends EventEmitter implements StreamSocket {
  written: string[] = []
  destroyed = false
  ended = false
  room = Infinity
  write({ text }: Bundle): boolean {
    this.written.push(text)
    this.room -= text.length
    return this.room > 0
  }
  end(): void {
    this.ended = true
  }
  destroy(): void {
    this.destroyed = true
    this.emit('close')
  }
  drain(room = Infinity): void {
    this.room = room
    this.emit('drain')
  }
}
const frame = (key: string, text: string, cursor = 'e.1'): Frame => ({ key, text, cursor })
const limits = { maxWaiting: 30, maxStuckMs: 30_000 }

test('frames sent before the beginning come after it', () => {
  const reader = new Reader()
  const outbox = createOutbox(reader, limits)
  outbox.send(new Bundle([frame('b', 'second ')]))
  outbox.release([frame('a', 'first ')])
  outbox.send(new Bundle([frame('c', 'third')]))
  expect(reader.written.join('')).toBe('first second third')
})

test('one that is ended before it began says its beginning and its last, and nothing before', () => {
  const reader = new Reader()
  const outbox = createOutbox(reader, limits)
  outbox.finish(frame('bye', 'bye'))
  expect([reader.written, reader.ended]).toEqual([[], false])
  expect(outbox.release([frame('a', 'first ')])).toBe(false)
  expect([reader.written.join(''), reader.ended]).toEqual(['first bye', true])
})

test('of a request only the newest state waits for a slow reader, behind what was sent before it', () => {
  const reader = new Reader()
  const outbox = createOutbox(reader, limits)
  reader.room = 1
  outbox.release([frame('hello', 'hello ')])
  outbox.send(new Bundle([frame('request/1', 'one ')]))
  outbox.send(new Bundle([frame('request/2', 'two ')]))
  outbox.send(new Bundle([frame('request/1', 'ONE')]))
  expect(reader.written).toEqual(['hello '])
  reader.drain()
  expect(reader.written.join('')).toBe('hello two ONE')
})

test('a reader that is too slow gets a reset at the place where it was, and then goes on', () => {
  const reader = new Reader()
  const outbox = createOutbox(reader, limits)
  reader.room = 1
  outbox.release([frame('hello', 'hello', 'e.5')])
  for (let i = 0; i < 20; i += 1) outbox.send(new Bundle([frame(`request/${i}`, 'twelve chars', 'e.6')]))
  reader.drain()
  outbox.send(new Bundle([frame('after', 'after', 'e.7')]))
  expect(reader.written).toEqual(['hello', 'id: e.5\nevent: reset\ndata: {"reason":"overflow"}\n\n', 'after'])
})

test('a reader that takes nothing for 30 s is cut off, one that takes something is not', () => {
  const [dead, slow] = [new Reader(), new Reader()]
  for (const reader of [dead, slow]) {
    reader.room = 1
    createOutbox(reader, limits).release([frame('hello', 'hello')])
  }
  vi.advanceTimersByTime(29_000)
  slow.drain()
  vi.advanceTimersByTime(2_000)
  expect(dead.destroyed).toBe(true)
  expect(slow.destroyed).toBe(false)
})

test('after goodbye nothing is written', () => {
  const reader = new Reader()
  const outbox = createOutbox(reader, limits)
  outbox.release([])
  outbox.finish(frame('bye', 'bye'))
  outbox.send(new Bundle([frame('a', 'late')]))
  expect(reader.written).toEqual(['bye'])
  expect(reader.ended).toBe(true)
})

test('whatever the reader’s pace, it ends with the newest state of every key', () => {
  const step = fc.oneof(
    fc.record({ send: fc.nat(3) }),
    fc.record({ drain: fc.constantFrom(1, 20, Infinity) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const reader = new Reader()
      const outbox = createOutbox(reader, limits)
      outbox.release([])
      const newest = new Map<string, string>()
      steps.forEach((action, turn) => {
        if ('drain' in action) return reader.drain(action.drain)
        const text = `${action.send}=${turn};`
        newest.set(String(action.send), text)
        outbox.send(new Bundle([frame(String(action.send), text)]))
      })
      reader.drain()
      const seen = new Map<string, string>()
      for (const part of reader.written.join('').match(/[^;]+;/g) ?? []) seen.set(part.split('=')[0] ?? '', part)
      expect(seen).toEqual(newest)
    }),
  )
})
