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
import { msg } from '../text/t.ts'

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
/** `word` is English: it goes through `t` where it is drawn. */
export type StateLook = { word: string; shape: Shape; tone: Tone }

export const STATES = {
  waiting: { word: msg('waiting'), shape: 'ring', tone: 'neutral' },
  running: { word: msg('running'), shape: 'dot', tone: 'info' },
  retrying: { word: msg('retrying'), shape: 'loop', tone: 'warning' },
  held: { word: msg('held'), shape: 'bars', tone: 'warning' },
  late: { word: msg('late'), shape: 'clock', tone: 'warning' },
  stalled: { word: msg('stalled'), shape: 'hatched', tone: 'danger' },
  done: { word: msg('done'), shape: 'tick', tone: 'success' },
  failed: { word: msg('failed'), shape: 'cross', tone: 'danger' },
  cancelled: { word: msg('cancelled'), shape: 'dash', tone: 'neutral' },
  skipped: { word: msg('skipped'), shape: 'dash', tone: 'neutral' },
  /** A stage that the request ended without. */
  notRun: { word: msg('not run'), shape: 'dash', tone: 'neutral' },
} as const satisfies Record<string, StateLook>
export type StateName = keyof typeof STATES

export const BREAKERS: Record<BreakerState, StateLook> = {
  closed: { word: msg('closed'), shape: 'dot', tone: 'success' },
  half_open: { word: msg('half open'), shape: 'half', tone: 'warning' },
  open: { word: msg('open'), shape: 'square', tone: 'danger' },
}

export const SEVERITIES: Record<EventSeverity, StateLook> = {
  info: { word: msg('info'), shape: 'dot', tone: 'neutral' },
  warning: { word: msg('warning'), shape: 'triangle', tone: 'warning' },
  error: { word: msg('error'), shape: 'cross', tone: 'danger' },
  critical: { word: msg('critical'), shape: 'square', tone: 'danger' },
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
  Pick<RequestRow, 'is_late' | 'is_stalled' | 'is_retrying' | 'expected_end' | 'error_details'>
>

export const NONE_OPEN: ReadonlySet<string> = new Set()

/**
 * @param nowMs the server's time: a request becomes late without a change that would tell so. What the tracker said
 * when it read the row holds in any case.
 * @param open the breakers that let nothing through
 */
export function requestState(request: Request, nowMs = 0, open = NONE_OPEN): StateName {
  if (isEnded(request.status)) return ENDED_STATE[request.status]
  let facts = known.get(request)
  if (!facts) known.set(request, (facts = factsOf(request)))
  if (facts.state === 'retrying') return open.size > 0 && facts.breaker !== undefined && open.has(facts.breaker) ? 'held' : 'retrying'
  if (facts.state === 'stalled') return 'stalled'
  return facts.isLate || facts.latestEndMs < nowMs ? 'late' : facts.state
}

/** What of a request's state hangs on nothing but itself. */
type Facts = { state: 'waiting' | 'running' | 'retrying' | 'stalled'; isLate: boolean; latestEndMs: number; breaker: string | undefined }

/** Requests never change, they are replaced; and 10,000 are asked for their state four times at each of five paintings a second. */
const known = new WeakMap<Request, Facts>()

function factsOf(request: Request): Facts {
  const states = new Set(request.stages.map((stage) => stageState(stage, request.status)))
  const runs = states.has('running')
  const retries = request.is_retrying === true || states.has('retrying')
  const goesOn = request.status === 'pending' && !runs ? 'waiting' : 'running'
  return {
    state: request.is_stalled ? 'stalled' : !runs && retries ? 'retrying' : goesOn,
    isLate: request.is_late === true,
    latestEndMs: request.expected_end ? Date.parse(request.expected_end.latest) : Infinity,
    breaker: breakerOf(request),
  }
}

/** The breaker through which a request failed last, if one did. */
export function breakerOf({ error_details: details }: Pick<Request, 'error_details'>): string | undefined {
  if (typeof details !== 'object' || details === null) return undefined
  const name = (details as Record<string, unknown>)['vividly.circuit_breaker.name']
  return typeof name === 'string' ? name : undefined
}
