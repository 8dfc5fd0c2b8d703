import type { StageStatus } from '@vividly/tracker-api/contract'
import { expect, it } from 'vitest'

import { BREAKERS, requestState, SEVERITIES, stageState, STATES } from './states.ts'

const stages = (...statuses: StageStatus[]) => statuses.map((status, index) => ({ name: `s${index}`, status }))

it('never tells two states apart by the tone alone', () => {
  for (const looks of [STATES, BREAKERS, SEVERITIES]) {
    const words = Object.values(looks).map((look) => look.word)
    expect(new Set(words).size).toBe(words.length)
  }
  // Dashes share a shape: their words differ, and so do ring, dot and all others.
  const shapes = Object.values(STATES).filter((look) => look.shape !== 'dash').map((look) => look.shape)
  expect(new Set(shapes).size).toBe(shapes.length)
})

it.each([
  ['pending', stages('pending', 'pending'), 'waiting'],
  ['validating', stages('in_progress', 'pending'), 'running'],
  ['retrieving', stages('completed', 'failed'), 'retrying'],
  ['retrieving', stages('completed', 'pending'), 'running'],
  ['completed', stages('completed', 'completed'), 'done'],
  ['failed', stages('completed', 'failed'), 'failed'],
  ['cancelled', stages('completed', 'in_progress'), 'cancelled'],
] as const)('shows a request that is %s as told by its stages', (status, of, expected) => {
  expect(requestState({ status, stages: of })).toBe(expected)
})

it('asks the clock and the breakers anew each time, of the same request', () => {
  const end = new Date(2_000).toISOString()
  const runs = { status: 'validating' as const, stages: stages('in_progress'), expected_end: { earliest: end, likely: end, latest: end } }
  expect([requestState(runs, 1_000), requestState(runs, 3_000), requestState(runs, 1_000)]).toEqual(['running', 'late', 'running'])
  const stopped = { status: 'validating' as const, stages: stages('failed'), error_details: { 'vividly.circuit_breaker.name': 'gemini' } }
  expect([requestState(stopped), requestState(stopped, 0, new Set(['gemini'])), requestState(stopped)]).toEqual(['retrying', 'held', 'retrying'])
})

it('shows what an ended request left behind as it is', () => {
  expect(stageState({ name: 'a', status: 'pending' }, 'failed')).toBe('notRun')
  expect(stageState({ name: 'a', status: 'pending' }, 'generating_video')).toBe('waiting')
  expect(stageState({ name: 'a', status: 'in_progress' }, 'cancelled')).toBe('cancelled')
  expect(stageState({ name: 'a', status: 'skipped' }, 'completed')).toBe('skipped')
})
