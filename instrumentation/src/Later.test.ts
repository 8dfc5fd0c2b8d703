import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { diag } from '@opentelemetry/api'
import { afterEach, expect, test, vi } from 'vitest'
import { Later } from './Later.ts'

afterEach(() => diag.disable())

const started = (): Later => {
  const later = new Later()
  later.start()
  return later
}

test('does all in its order and once, however many there are and whenever it is drained', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom('run', 'drain', 'turn')), fc.integer({ min: 1, max: 300 }), async (steps, each) => {
      const later = started()
      const done: number[] = []
      let asked = 0
      for (const step of steps) {
        for (let count = 0; step === 'run' && count < each; count += 1) {
          const number = (asked += 1)
          later.run(() => done.push(number))
        }
        if (step === 'drain') later.drain()
        if (step === 'turn') await nextTurn()
      }
      later.stop()
      expect(done).toEqual(Array.from({ length: asked }, (_, at) => at + 1))
    }),
  )
})

test('keeps the caller waiting for nothing, until it is told to stop', async () => {
  const later = started()
  const done: string[] = []
  later.run(() => done.push('later'))
  expect(done).toEqual([])
  await Promise.resolve()
  expect(done).toEqual([])
  await nextTurn()
  await nextTurn()
  expect(done).toEqual(['later'])
  later.stop()
  later.run(() => done.push('at once'))
  expect(done).toEqual(['later', 'at once'])
})

test('what an action hands in is done with it', () => {
  const later = started()
  const done: string[] = []
  later.run(() => {
    later.run(() => done.push('inner'))
    done.push('outer')
  })
  later.run(() => done.push('next'))
  later.drain()
  expect(done).toEqual(['inner', 'outer', 'next'])
})

test('does not grow in a burst: the caller then does the oldest itself', () => {
  const later = started()
  let done = 0
  for (let count = 0; count < 10_000; count += 1) later.run(() => (done += 1))
  expect(10_000 - done).toBe(4096)
  later.stop()
  expect(done).toBe(10_000)
})

test('lets the host run between slices of much work', async () => {
  const later = started()
  for (let count = 0; count < 1000; count += 1) {
    later.run(() => {
      const endMs = performance.now() + 0.05
      while (performance.now() < endMs);
    })
  }
  let turns = 0
  let isDone = false
  later.run(() => (isDone = true))
  while (!isDone) {
    await nextTurn()
    turns += 1
  }
  // 50 ms of work in slices of one.
  expect(turns).toBeGreaterThan(10)
})

test('an action that throws is one warning, and the others are done', () => {
  const warn = vi.fn<(message: string) => void>()
  diag.setLogger({ error: warn, warn, info: warn, debug: warn, verbose: warn }, { suppressOverrideMessage: true })
  warn.mockClear()
  const later = started()
  let done = 0
  for (let count = 0; count < 3; count += 1) {
    later.run(() => {
      throw new Error('a processor of the host’s')
    })
    later.run(() => (done += 1))
  }
  later.stop()
  expect(done).toBe(3)
  expect(warn.mock.calls.flat()).toEqual([expect.stringContaining('could not be told')])
})
