/**
 * The one language of states: each has a word, a shape and a tone, the same in cards, pills, lists and tables.
 * Meaning is never in the tone alone.
 */
import type {
  BreakerState,
  EventSeverity,
  RequestRow,
  RequestStatus,
  StageDetail,
  StageStatus,
} from '@vividly/tracker-api/contract'

import { isEnded } from '../client/requestPhase.ts'

export type Tone = 'neutral' | 'info' | 'success' | 'warning' | 'danger'
export type Shape =
  | 'ring'
  | 'dot'
  | 'loop'
  | 'bars'
  | 'clock'
  | 'hatched'
  | 'tick'
  | 'cross'
  | 'dash'
  | 'half'
  | 'square'
  | 'triangle'
export type StateLook = { word: string; shape: Shape; tone: Tone }

export const STATES = {
  waiting: { word: 'waiting', shape: 'ring', tone: 'neutral' },
  running: { word: 'running', shape: 'dot', tone: 'info' },
  retrying: { word: 'retrying', shape: 'loop', tone: 'warning' },
  held: { word: 'held', shape: 'bars', tone: 'warning' },
  late: { word: 'late', shape: 'clock', tone: 'warning' },
  stalled: { word: 'stalled', shape: 'hatched', tone: 'danger' },
  done: { word: 'done', shape: 'tick', tone: 'success' },
  failed: { word: 'failed', shape: 'cross', tone: 'danger' },
  cancelled: { word: 'cancelled', shape: 'dash', tone: 'neutral' },
  skipped: { word: 'skipped', shape: 'dash', tone: 'neutral' },
  /** A stage that the request ended without. */
  notRun: { word: 'not run', shape: 'dash', tone: 'neutral' },
} as const satisfies Record<string, StateLook>
export type StateName = keyof typeof STATES

export const BREAKERS: Record<BreakerState, StateLook> = {
  closed: { word: 'closed', shape: 'dot', tone: 'success' },
  half_open: { word: 'half open', shape: 'half', tone: 'warning' },
  open: { word: 'open', shape: 'square', tone: 'danger' },
}

export const SEVERITIES: Record<EventSeverity, StateLook> = {
  info: { word: 'info', shape: 'dot', tone: 'neutral' },
  warning: { word: 'warning', shape: 'triangle', tone: 'warning' },
  error: { word: 'error', shape: 'cross', tone: 'danger' },
  critical: { word: 'critical', shape: 'square', tone: 'danger' },
}

const ENDED_STATE = { completed: 'done', failed: 'failed', cancelled: 'cancelled' } as const

type Stage = { name: string; status: StageStatus } & Partial<Pick<StageDetail, 'next_attempt_at'>>

/** A failed stage of a request that goes on waits for its next try: a last failure ends the request. */
export function stageState(stage: Stage, requestStatus: RequestStatus): StateName {
  switch (stage.status) {
    case 'completed':
      return 'done'
    case 'skipped':
      return 'skipped'
    case 'failed':
      return isEnded(requestStatus) ? 'failed' : 'retrying'
    case 'in_progress':
      // What still ran when the request ended will not say how it ended.
      if (requestStatus === 'failed') return 'failed'
      if (isEnded(requestStatus)) return 'cancelled'
      return stage.next_attempt_at ? 'retrying' : 'running'
    default:
      return isEnded(requestStatus) ? 'notRun' : 'waiting'
  }
}

type Request = { status: RequestStatus; stages: readonly Stage[] } & Partial<
  Pick<RequestRow, 'is_late' | 'is_stalled' | 'is_retrying' | 'expected_end'>
>

/**
 * @param nowMs the server's time: a request becomes late without a change that would tell so. What the tracker said
 * when it read the row holds in any case.
 */
export function requestState(request: Request, nowMs = 0): StateName {
  if (isEnded(request.status)) return ENDED_STATE[request.status]
  if (request.is_stalled) return 'stalled'
  // Asked for 10,000 rows five times a second: no array is made.
  let runs = false
  let retries = request.is_retrying ?? false
  for (const stage of request.stages) {
    const state = stageState(stage, request.status)
    if (state === 'running') runs = true
    else if (state === 'retrying') retries = true
  }
  if (!runs && retries) return 'retrying'
  if (request.is_late || isPast(request.expected_end?.latest, nowMs)) return 'late'
  return request.status === 'pending' && !runs ? 'waiting' : 'running'
}

function isPast(time: string | undefined, nowMs: number): boolean {
  return time !== undefined && Date.parse(time) < nowMs
}
