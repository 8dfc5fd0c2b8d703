import { expect, test, vi } from 'vitest'
import { keepFor } from './keepFor.ts'

test('one read serves until it is too old, and a failure is tried again', async () => {
  vi.useFakeTimers()
  let reads = 0
  let fails = false
  const read = keepFor(1000, async () => {
    reads += 1
    if (fails) throw new Error('gone')
    return reads
  })
  expect(await Promise.all([read(), read()])).toEqual([1, 1])
  vi.advanceTimersByTime(1001)
  fails = true
  await expect(read()).rejects.toThrow('gone')
  fails = false
  expect(await read()).toBe(3)
  vi.useRealTimers()
})
