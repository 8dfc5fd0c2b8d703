import type { RequestDetail, StageDetail } from '@vividly/tracker-api/contract'

import { formatDuration, formatMeasured } from './formatDuration.ts'
import { stageLook } from './stages.ts'
import { stageState } from './states.ts'

/** One plain sentence: what is going on with this request, for how long, and what comes next. */
export function sentence(request: RequestDetail, nowMs: number): string {
  const total = formatMeasured((request.total_duration_seconds ?? request.elapsed_seconds) * 1000)
  switch (request.status) {
    case 'completed':
      return `Done in ${total}${retriesClause(request.retry_count)}.`
    case 'cancelled':
      return `Cancelled after ${total}.`
    case 'failed':
      return failedSentence(request, total)
    default:
      return activeSentence(request, nowMs)
  }
}

function failedSentence(request: RequestDetail, total: string): string {
  const stage = request.stages.find((one) => one.name === request.error_stage)
  const where = request.error_stage ? ` in ${stageLook(request.error_stage).label}` : ''
  const tries = stage && stage.retry_count > 0 ? `, on try ${stage.retry_count + 1}` : ''
  return `Failed${where} ${total} after it was asked for${tries}${because(request.error_message)}.`
}

function activeSentence(request: RequestDetail, nowMs: number): string {
  const since = (time: string) => formatDuration(nowMs - Date.parse(time))
  const current = request.stages.find((stage) => stageState(stage, request.status) === 'running')
  if (current) {
    const running = current.started_at ? ` for ${since(current.started_at)}` : ''
    return `${stageLook(current.name).doing}${running}${usualClause(current)}${tryClause(current)}${endClause(request, nowMs)}.`
  }
  const waiting = request.stages.find((stage) => stageState(stage, request.status) === 'retrying')
  if (waiting) {
    const due = waiting.next_attempt_at ? Date.parse(waiting.next_attempt_at) - nowMs : 0
    const next = due >= 1_000 ? `in ${formatDuration(due)}` : 'soon'
    const allowed = waiting.max_retries + 1
    return `${stageLook(waiting.name).label} failed${because(waiting.error_message)}; try ${
      waiting.retry_count + 2 > allowed ? allowed : waiting.retry_count + 2
    } of ${allowed} comes ${next}.`
  }
  const done = request.stages.findLast((stage) => stage.status === 'completed' || stage.status === 'skipped')
  if (!done) return `Waiting to start for ${since(request.created_at)}.`
  const ended = done.completed_at ? ` ${since(done.completed_at)} ago` : ''
  const next = request.stages.find((stage) => stage.status === 'pending')
  return next
    ? `${stageLook(done.name).label} ended${ended}; ${stageLook(next.name).label} has not begun yet.`
    : `All stages ended${ended}; the end of the request has not been told yet.`
}

function usualClause(stage: StageDetail): string {
  if (stage.expected_duration_seconds === null) return ''
  return `; it usually takes ${formatDuration(stage.expected_duration_seconds * 1000)}`
}

/** Both bounds, for one alone would sound surer than it is. */
function endClause({ expected_end: end }: RequestDetail, nowMs: number): string {
  if (end === null || Date.parse(end.latest) < nowMs) return ''
  const [earliest, latest] = [end.earliest, end.latest].map((time) => formatDuration(Math.max(0, Date.parse(time) - nowMs)))
  return earliest === latest ? `; expected to end in ${latest}` : `; expected to end in ${earliest} to ${latest}`
}

function tryClause(stage: StageDetail): string {
  if (stage.retry_count === 0) return ''
  return `; try ${stage.retry_count + 1} of ${Math.max(stage.max_retries, stage.retry_count) + 1}${because(stage.error_message, ' after')}`
}

function retriesClause(count: number): string {
  if (count === 0) return ''
  return count === 1 ? ', with one retry' : `, with ${count} retries`
}

/** The first line of a message, without its full stop, kept short enough for a sentence. */
function because(message: string | null, word = ''): string {
  const line = message?.split(/[\r\n]/, 1)[0]?.trim().replace(/\.+$/, '')
  if (!line) return ''
  const short = line.length > 140 ? `${Array.from(line).slice(0, 139).join('')}…` : line
  return word ? `${word}: ${short}` : `: ${short}`
}
