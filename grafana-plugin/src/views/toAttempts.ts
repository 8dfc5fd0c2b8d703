import type { RequestEvent } from '@vividly/tracker-api/contract'

export type Attempt = {
  /** From 1. */
  number: number
  startedAt: string
  /** Undefined while it runs, and where its end was not told. */
  endedAt: string | undefined
  outcome: 'running' | 'done' | 'failed'
  error: string | undefined
}

const ENDS: Partial<Record<string, Attempt['outcome']>> = { stage_completed: 'done', stage_failed: 'failed' }

/** A stage's tries, read from the events. @param events oldest first */
export function toAttempts(events: readonly RequestEvent[], stage: string): Attempt[] {
  const attempts: Attempt[] = []
  for (const event of events) {
    if (event.stage_name !== stage) continue
    const outcome = ENDS[event.event_type]
    const current = attempts.at(-1)
    if (event.event_type === 'stage_started') {
      attempts.push({ number: attempts.length + 1, startedAt: event.created_at, endedAt: undefined, outcome: 'running', error: undefined })
    } else if (outcome && current?.outcome === 'running') {
      current.outcome = outcome
      current.endedAt = event.created_at
      if (outcome === 'failed') current.error = event.event_message ?? undefined
    }
  }
  return attempts
}
