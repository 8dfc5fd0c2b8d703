import { expect, it } from 'vitest'

import { sampleMorning, sampleRequest, toRow } from '../../page/testing/sampleRequests.ts'
import { breakerImpact } from './breakerImpact.ts'

const NOW_MS = 1_795_000_000_000
const through = { 'vividly.circuit_breaker.name': 'nano_banana' }
const base = { nowMs: NOW_MS, topic: 'Cells', student: null }
const normals = Object.entries({ validation: 2, rag_retrieval: 10, script_generation: 30, video_generation: 120, video_processing: 20, notification: 2 })
  .map(([stage, p50]) => ({ stage, samples: 100, p50_seconds: p50, p95_seconds: p50 * 2 }))

const held = { ...toRow(sampleRequest({ ...base, index: 1, ageS: 62, retriedStage: 'video_generation' })), error_stage: 'video_generation', error_details: through }
/** In script generation, with so much of the whole way left. */
const onItsWay = (index: number, leftS: number) => {
  const at = new Date(NOW_MS + leftS * 1000).toISOString()
  return { ...toRow(sampleRequest({ ...base, index, ageS: 30 })), expected_end: { earliest: at, likely: at, latest: at } }
}

it('counts who waits for an open breaker, and who will come to it soon', () => {
  // 142 s of the way are behind the breaker's stage and in it.
  const rows = [held, onItsWay(2, 142 + 15), onItsWay(3, 142 + 119), onItsWay(4, 142 + 121), ...sampleMorning(NOW_MS, false).map(toRow)]
  expect(breakerImpact(rows, 'nano_banana', normals, NOW_MS, 120_000)).toEqual({ held: 1, arriving: 2 })
})

it('says nothing of who comes where no stage, or no usual time, is known', () => {
  expect(breakerImpact([onItsWay(2, 10)], 'nano_banana', normals, NOW_MS, 120_000)).toEqual({ held: 0, arriving: undefined })
  expect(breakerImpact([held], 'nano_banana', undefined, NOW_MS, 120_000)).toEqual({ held: 1, arriving: undefined })
  expect(breakerImpact([held, onItsWay(2, 150)], 'nano_banana', normals.slice(0, 4), NOW_MS, 120_000)).toEqual({ held: 1, arriving: 0 })
})

it('is not moved by requests that another breaker stopped, or that are past it', () => {
  const other = { ...held, error_details: { 'vividly.circuit_breaker.name': 'gemini' } }
  const past = toRow(sampleRequest({ ...base, index: 5, ageS: 168 }))
  expect(breakerImpact([other, past], 'nano_banana', normals, NOW_MS, 120_000)).toEqual({ held: 0, arriving: undefined })
})
