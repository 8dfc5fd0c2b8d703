import { expect, it } from 'vitest'

import { hourOnHour } from './cardTrend.ts'

const nowMs = Date.UTC(2026, 0, 2, 12, 30)
const bucket = (hour: string, total: number) => ({
  hour, total, completed: total - 1, failed: 1, cancelled: 0, success_rate: 0.5,
  average_duration_seconds: 92, p95_duration_seconds: 100, stages: [],
})
const buckets = [bucket('2026-01-01T11:00:00Z', 9), bucket('2026-01-02T11:00:00Z', 12), bucket('2026-01-02T12:00:00Z', 99)]

it('draws up to the hour that runs, and sets the last whole one beside the same one yesterday', () => {
  const { values, lastHour, yesterday } = hourOnHour(buckets, 'total', nowMs)
  expect(values).toHaveLength(24)
  expect(values.slice(-2)).toEqual([12, 99])
  expect(values.slice(0, -2).every((value) => value === 0)).toBe(true)
  expect([lastHour, yesterday]).toEqual(['12', '9'])
})

it('knows no average of an hour without a request', () => {
  expect(hourOnHour(buckets.slice(1), 'average_duration_seconds', nowMs)).toMatchObject({ lastHour: '1 min 32 s', yesterday: 'none' })
})

it('says nothing before it knows anything', () => {
  expect(hourOnHour(undefined, 'total', nowMs)).toEqual({ values: [], lastHour: '', yesterday: '' })
})
