import type { RequestDetail, StageDetail } from '@vividly/tracker-api/contract'

import { t } from '../text/t.ts'
import { formatDuration, formatMeasured } from './formatDuration.ts'
import { formatMinute } from './formatTime.ts'
import { stageLabel, stageLook } from './stages.ts'
import { breakerOf, NONE_OPEN, stageState } from './states.ts'

/**
 * One plain sentence: what is going on with this request, for how long, and what comes next.
 * @param open the breakers that let nothing through
 */
export function sentence(request: RequestDetail, nowMs: number, open = NONE_OPEN): string {
  const total = formatMeasured((request.total_duration_seconds ?? request.elapsed_seconds) * 1000)
  switch (request.status) {
    case 'completed':
      return whole(t('Done in {time}', { time: total }) + retriesClause(request.retry_count))
    case 'cancelled':
      return whole(t('Cancelled after {time}', { time: total }))
    case 'failed':
      return whole(failedSentence(request, total))
    default:
      return whole(activeSentence(request, nowMs, open))
  }
}

function failedSentence(request: RequestDetail, time: string): string {
  const stage = request.stages.find((one) => one.name === request.error_stage)
  const where = request.error_stage
    ? t('Failed in {stage} {time} after it was asked for', { stage: stageLabel(request.error_stage), time })
    : t('Failed {time} after it was asked for', { time })
  const tries = stage && stage.retry_count > 0 ? t(', on try {number}', { number: stage.retry_count + 1 }) : ''
  return where + tries + because(request.error_message)
}

function activeSentence(request: RequestDetail, nowMs: number, open: ReadonlySet<string>): string {
  const since = (time: string) => formatDuration(nowMs - Date.parse(time))
  const current = request.stages.find((stage) => stageState(stage, request.status) === 'running')
  if (current) {
    const { doing } = stageLook(current.name)
    const running = current.started_at ? t('{doing} for {time}', { doing, time: since(current.started_at) }) : doing
    return running + usualClause(current) + tryClause(current) + endClause(request, nowMs)
  }
  const waiting = request.stages.find((stage) => stageState(stage, request.status) === 'retrying')
  if (waiting) return waitingSentence(request, waiting, nowMs, open)
  const done = request.stages.findLast((stage) => stage.status === 'completed' || stage.status === 'skipped')
  if (!done) return t('Waiting to start for {time}', { time: since(request.created_at) })
  const next = request.stages.find((stage) => stage.status === 'pending')
  const stage = stageLabel(done.name)
  if (!next) return t('All stages ended; the end of the request has not been told yet')
  const following = { stage, next: stageLabel(next.name) }
  if (!done.completed_at) return t('{stage} ended; {next} has not begun yet', following)
  return t('{stage} ended {time} ago; {next} has not begun yet', { ...following, time: since(done.completed_at) })
}

/** Between two tries; held where the next one would not get through either. */
function waitingSentence(request: RequestDetail, waiting: StageDetail, nowMs: number, open: ReadonlySet<string>): string {
  const allowed = waiting.max_retries + 1
  const due = waiting.next_attempt_at ? Date.parse(waiting.next_attempt_at) - nowMs : 0
  const parts = {
    stage: stageLabel(waiting.name),
    because: because(waiting.error_message),
    number: Math.min(allowed, waiting.retry_count + 2),
    allowed,
    time: formatDuration(due),
  }
  const breaker = breakerOf(request)
  if (breaker !== undefined && open.has(breaker)) {
    return t('Held in {stage}: calls to {breaker} are stopped{because}; try {number} of {allowed} waits for it', { ...parts, breaker })
  }
  if (due >= 1_000) return t('{stage} failed{because}; try {number} of {allowed} comes in {time}', parts)
  return t('{stage} failed{because}; try {number} of {allowed} comes soon', parts)
}

function usualClause(stage: StageDetail): string {
  if (stage.expected_duration_seconds === null) return ''
  return t('; it usually takes {time}', { time: formatDuration(stage.expected_duration_seconds * 1000) })
}

/** Both bounds, for one alone would sound surer than it is. */
function endClause({ expected_end: end }: RequestDetail, nowMs: number): string {
  if (end === null || Date.parse(end.latest) < nowMs) return ''
  const [earliest = '', latest = ''] = [end.earliest, end.latest].map((time) => formatMinute(Math.max(nowMs, Date.parse(time)), nowMs))
  return earliest === latest ? t('; expected to end at {latest}', { latest }) : t('; expected to end {earliest}–{latest}', { earliest, latest })
}

function tryClause(stage: StageDetail): string {
  if (stage.retry_count === 0) return ''
  const parts = { number: stage.retry_count + 1, allowed: Math.max(stage.max_retries, stage.retry_count) + 1 }
  const line = firstLine(stage.error_message)
  return line ? t('; try {number} of {allowed} after: {error}', { ...parts, error: line }) : t('; try {number} of {allowed}', parts)
}

function retriesClause(count: number): string {
  if (count === 0) return ''
  return count === 1 ? t(', with one retry') : t(', with {count} retries', { count })
}

function because(message: string | null): string {
  const line = firstLine(message)
  return line ? `: ${line}` : ''
}

/** Of a message, without its full stop, kept short enough for a sentence. */
function firstLine(message: string | null): string {
  const line = message?.split(/[\r\n]/, 1)[0]?.trim().replace(/\.+$/, '') ?? ''
  return line.length > 140 ? `${Array.from(line).slice(0, 139).join('')}…` : line
}

function whole(said: string): string {
  return `${said}.`
}
