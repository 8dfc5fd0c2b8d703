import { expect, test } from 'vitest'
import { judgeVitals } from './judgeVitals.ts'
import type { Vitals } from './judgeVitals.ts'

const healthy: Vitals = {
  version: 180_001,
  fsync: 'on',
  synchronous_commit: 'on',
  missing_migrations: [],
  unknown_migrations: [],
  partitions: [{ table: 'request_events', ahead_seconds: 90_000, overdue: 0 }],
  marked_hours: 1,
  oldest_transaction_seconds: 0.1,
  dead_letters_last_day: 0,
  connections: 16,
  max_connections: 100,
  newest_request_seconds: 3,
}

test('a healthy database has nothing to be told', () => {
  expect(judgeVitals(healthy).filter(({ verdict, todo }) => verdict !== 'well' || todo !== undefined)).toEqual([])
})

test.each<[Partial<Vitals>, string, string]>([
  [{ version: 150_004 }, 'Postgres', 'wrong'],
  [{ missing_migrations: ['0001_identity'] }, 'schema', 'wrong'],
  [{ unknown_migrations: ['9999_later'] }, 'schema of newer releases', 'doubtful'],
  [{ fsync: 'off' }, 'durability', 'wrong'],
  [{ synchronous_commit: 'off' }, 'durability', 'wrong'],
  [{ partitions: [{ table: 'request_spans', ahead_seconds: 60, overdue: 0 }] }, 'partitions ahead', 'wrong'],
  [{ partitions: [{ table: 'request_spans', ahead_seconds: 90_000, overdue: 2 }] }, 'retention', 'doubtful'],
  [{ marked_hours: 900 }, 'hourly figures', 'doubtful'],
  [{ oldest_transaction_seconds: 7_200 }, 'long transactions', 'doubtful'],
  [{ connections: 95 }, 'connections', 'doubtful'],
  [{ dead_letters_last_day: 4 }, 'refused records', 'doubtful'],
  [{ newest_request_seconds: null }, 'requests', 'doubtful'],
])('%j: %s is %s, and only that', (odd, what, verdict) => {
  const told = judgeVitals({ ...healthy, ...odd }).filter((finding) => finding.verdict !== 'well')
  expect(told).toEqual([{ what, verdict, found: expect.any(String), todo: expect.stringMatching(/\.$|\?$/) }])
})
