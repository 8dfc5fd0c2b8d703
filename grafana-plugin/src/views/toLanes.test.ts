import { expect, it } from 'vitest'

import { sampleMorning, toRow } from '../../page/testing/sampleRequests.ts'
import { isEnded } from '../client/requestPhase.ts'
import { createFlowMeter } from './createFlowMeter.ts'
import { DEFAULT_STAGE_NAMES } from './stages.ts'
import { toLanes } from './toLanes.ts'

const NOW_MS = 1_795_000_000_000
const rows = sampleMorning(NOW_MS).map(toRow)
const active = rows.filter((row) => !isEnded(row.status))
const [sample] = active

it('puts each request in flight into one lane, empty lanes too', () => {
  const lanes = toLanes(rows, DEFAULT_STAGE_NAMES, NOW_MS)
  expect(lanes.map(({ stage }) => stage)).toEqual([undefined, ...DEFAULT_STAGE_NAMES])
  expect(lanes.reduce((sum, { count }) => sum + count, 0)).toBe(active.length)
  for (const { count, oldestAgeMs, medianAgeMs } of lanes) {
    expect(oldestAgeMs === undefined).toBe(count === 0)
    expect(medianAgeMs ?? 0).toBeLessThanOrEqual(oldestAgeMs ?? 0)
  }
})

it('shows a stage of another pipeline behind the one that it follows', () => {
  if (!sample) throw new Error('the sample has nothing in flight')
  const stages = ['validation', 'moderation', 'notification'].map((name) => ({ name, status: 'pending' as const }))
  const lanes = toLanes([{ ...sample, current_stage: 'moderation', stages }], DEFAULT_STAGE_NAMES, NOW_MS)
  expect(lanes.map(({ stage }) => stage).slice(1, 3)).toEqual(['validation', 'moderation'])
})

it('says how many are stalled, late or retrying', () => {
  if (!sample) throw new Error('the sample has nothing in flight')
  const row = { ...sample, current_stage: 'validation', stages: [{ name: 'validation', status: 'in_progress' as const }] }
  const lanes = toLanes([{ ...row, is_stalled: true, is_late: true }, { ...row, is_late: true }, row], DEFAULT_STAGE_NAMES, 0)
  expect(lanes[1]).toMatchObject({ count: 3, stalled: 1, late: 1, retrying: 0 })
  const held = { ...row, stages: [{ name: 'validation', status: 'failed' as const }], error_details: { 'vividly.circuit_breaker.name': 'gemini' } }
  expect(toLanes([held], DEFAULT_STAGE_NAMES, 0, new Set(['gemini']))[1]).toMatchObject({ held: 1, retrying: 0 })
  expect(toLanes([held], DEFAULT_STAGE_NAMES, 0, new Set(['other']))[1]).toMatchObject({ held: 0, retrying: 1 })
})

it('measures what leaves a lane, once it has watched for long enough', () => {
  if (!sample) throw new Error('the sample has nothing in flight')
  const meter = createFlowMeter()
  const at = (stage: string | null, version: number) => new Map([[sample.id, { ...sample, current_stage: stage, version }]])
  meter.observe(at('validation', 1), 0)
  meter.observe(at('validation', 2), 1_000)
  meter.observe(at('rag_retrieval', 3), 2_000)
  expect(meter.perMinute('validation', 10_000)).toBeUndefined()
  expect(meter.perMinute('validation', 20_000)).toBe(3)
  expect(meter.perMinute('rag_retrieval', 20_000)).toBe(0)
  expect(meter.perMinute('validation', 63_000)).toBe(0)
})
