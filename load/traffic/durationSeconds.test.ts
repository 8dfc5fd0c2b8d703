import { expect, test } from 'vitest'
import { durationSeconds } from './durationSeconds.ts'

test('seconds, minutes and hours, and nothing else', () => {
  expect([durationSeconds('90s'), durationSeconds('10m'), durationSeconds('2h')]).toEqual([90, 600, 7200])
  expect(() => durationSeconds('1m30s')).toThrow('not 1m30s')
})
