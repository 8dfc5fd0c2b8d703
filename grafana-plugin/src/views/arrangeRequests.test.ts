import { expect, it } from 'vitest'

import { sampleMorning, sampleRequest, toRow } from '../../page/testing/sampleRequests.ts'
import { arrangeRequests, holdArrangement } from './arrangeRequests.ts'

const NOW_MS = 1_795_000_000_000
const rows = sampleMorning(NOW_MS).map(toRow)

it('puts fresh failures first, then what is in flight, then what ended, each newest first', () => {
  const groups = arrangeRequests(rows, NOW_MS)
  expect(groups.map((group) => [group.key, group.rows.length])).toEqual([
    ['failed', 2],
    ['active', 6],
    ['ended', 15],
  ])
  const created = groups[1]?.rows.map((row) => row.created_at)
  expect(created).toEqual([...(created ?? [])].sort().reverse())
})

it('lets an old failure go among the ended ones', () => {
  const groups = arrangeRequests(rows, NOW_MS + 3_600_000)
  expect(groups.map((group) => group.key)).toEqual(['active', 'ended'])
})

it('moves no row while held: new ones wait and are counted, changed ones change in place', () => {
  const before = arrangeRequests(rows, NOW_MS)
  const [first] = before[1]?.rows ?? []
  if (!first) throw new Error('the sample has nothing in flight')
  const arrived = toRow(sampleRequest({ index: 99, nowMs: NOW_MS, ageS: 0, topic: null, student: null }))
  const now = new Map(rows.map((row) => [row.id, row]))
  now.set(arrived.id, arrived)
  now.set(first.id, { ...first, status: 'failed' })
  const { groups, fresh } = holdArrangement(before, now)
  expect(fresh).toBe(1)
  expect(groups.flatMap((group) => group.rows.map((row) => row.id))).toEqual(
    before.flatMap((group) => group.rows.map((row) => row.id)),
  )
  expect(groups[1]?.rows[0]?.status).toBe('failed')
})
