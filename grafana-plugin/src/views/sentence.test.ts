import { expect, it } from 'vitest'

import { sampleRequest } from '../../page/testing/sampleRequests.ts'
import { sentence } from './sentence.ts'

const NOW_MS = Date.parse('2026-11-23T12:00:00Z')
const base = { index: 1, nowMs: NOW_MS, topic: 'Cells', student: null }

it('says what runs, for how long and how long it usually takes', () => {
  expect(sentence(sampleRequest({ ...base, ageS: 132 }), NOW_MS)).toBe(
    'Rendering the video for 1 min 32 s; it usually takes 2 min.',
  )
})

it('says which try it is and why', () => {
  const request = sampleRequest({ ...base, ageS: 132 })
  const stages = request.stages.map((stage) =>
    stage.status === 'in_progress' ? { ...stage, retry_count: 1, error_message: 'Time-out.\n at x' } : stage,
  )
  expect(sentence({ ...request, stages }, NOW_MS)).toContain('; try 2 of 4 after: Time-out.')
})

it('says when the next try comes', () => {
  const request = sampleRequest({ ...base, ageS: 62, retriedStage: 'video_generation' })
  expect(sentence(request, NOW_MS)).toBe('Video generation failed: The provider answered 503; try 3 of 4 comes in 8 s.')
  expect(sentence(request, NOW_MS + 60_000)).toContain('comes soon')
})

it('says that nothing has begun, and what comes between stages', () => {
  expect(sentence(sampleRequest({ ...base, ageS: 0 }), NOW_MS + 12_000)).toBe('Waiting to start for 12 s.')
  const request = sampleRequest({ ...base, ageS: 15 })
  const stages = request.stages.map((stage) => (stage.status === 'in_progress' ? { ...stage, status: 'pending' as const } : stage))
  expect(sentence({ ...request, stages }, NOW_MS)).toBe(
    'RAG retrieval ended 3 s ago; Script generation has not begun yet.',
  )
})

it('says how it ended', () => {
  expect(sentence(sampleRequest({ ...base, ageS: 200, outcome: 'completed' }), NOW_MS)).toBe('Done in 3 min 20 s.')
  const failed = sampleRequest({ ...base, ageS: 402, outcome: 'failed', endedAgoS: 95, failedStage: 'video_generation', error: 'HTTP 504.' })
  expect(sentence(failed, NOW_MS)).toBe(
    'Failed in Video generation 5 min 7 s after it was asked for, on try 4: HTTP 504.',
  )
  expect(sentence(sampleRequest({ ...base, ageS: 60, outcome: 'cancelled' }), NOW_MS)).toBe('Cancelled after 1 min.')
})

it('cuts a long message by characters, not inside one', () => {
  const error = '🦉'.repeat(500)
  const said = sentence(sampleRequest({ ...base, ageS: 60, outcome: 'failed', failedStage: 'validation', error }), NOW_MS)
  expect(said.length).toBeLessThan(400)
  expect(said.isWellFormed()).toBe(true)
})
