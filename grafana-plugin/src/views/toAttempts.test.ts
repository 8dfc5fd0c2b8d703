import type { RequestEvent } from '@vividly/tracker-api/contract'
import { expect, it } from 'vitest'

import { toAttempts } from './toAttempts.ts'

function event(type: string, second: number, message: string | null = null, stage = 'video_generation'): RequestEvent {
  return {
    id: `${type} ${second}`, event_type: type, event_message: message, severity: 'info', stage_name: stage,
    created_at: new Date(second * 1000).toISOString(), event_data: null, source_service: null, source_host: null,
  }
}

it('reads each try with how it ended', () => {
  const attempts = toAttempts(
    [
      event('stage_started', 1, null, 'validation'), event('stage_started', 2), event('api_call', 3), event('stage_failed', 4, 'time-out'),
      event('retry', 4), event('stage_started', 6),
    ],
    'video_generation',
  )
  expect(attempts.map(({ number, outcome, error }) => [number, outcome, error])).toEqual([[1, 'failed', 'time-out'], [2, 'running', undefined]])
})

it('takes an end that nothing began for nothing', () => {
  expect(toAttempts([event('stage_failed', 1)], 'video_generation')).toEqual([])
})
