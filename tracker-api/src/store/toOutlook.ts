import type { RequestRow, RequestStatus } from '../contract.ts'
import type { Pace, ReadingContext } from './readingContext.ts'
import type { ShownStage } from './toShownStages.ts'

/** How much of its usual time a running stage counts at most as done. */
const MOST_OF_A_RUNNING_STAGE = 0.95

export type Outlook = Pick<RequestRow, 'is_late' | 'is_stalled' | 'is_retrying' | 'time_progress_ratio' | 'expected_end'>

export type OutlookOf = {
  status: RequestStatus
  outcome: RequestStatus | null
  currentStage: string | null
  createdMs: number
  endedMs: number | undefined
  /** False: nothing was told of it for three times its stage's normal time, at least a minute. */
  wasHeard: boolean | null
}

/** What depends on the passing of time, by the database's clock. What has ended is neither late nor stalled. */
export function toOutlook(request: OutlookOf, stages: readonly ShownStage[], context: ReadingContext): Outlook {
  const timed = stages.map((stage) => toTimed(stage, request, context))
  const progress = progressOf(timed)
  if (request.outcome !== null) {
    return {
      is_late: false, is_stalled: false, is_retrying: false, expected_end: null,
      time_progress_ratio: request.outcome === 'completed' ? 1 : progress,
    }
  }
  const current = timed.find(({ name }) => name === request.currentStage)
  const isRunning = current?.status === 'in_progress'
  const isFailed = current?.status === 'failed'
  return {
    is_late: isRunning && current.definition !== undefined && current.spentSeconds > 2 * current.definition.expectedSeconds,
    is_stalled: request.wasHeard === false && !(isFailed && (current.nextAttemptMs ?? 0) > context.nowMs),
    is_retrying: isFailed || (isRunning && current.attempt > 1),
    time_progress_ratio: progress,
    expected_end: expectedEnd(request, timed, context),
  }
}

type Timed = ShownStage & { pace: Pace | undefined; spentSeconds: number; usualSeconds: number }

function toTimed(stage: ShownStage, { endedMs }: OutlookOf, { nowMs, paces }: ReadingContext): Timed {
  const pace = paces.get(stage.name)
  const untilMs = Math.min(nowMs, endedMs ?? Infinity)
  return {
    ...stage,
    pace,
    spentSeconds: stage.startedMs === undefined ? 0 : Math.max(0, (untilMs - stage.startedMs) / 1000),
    usualSeconds: pace?.p50 ?? stage.definition?.expectedSeconds ?? 0,
  }
}

function progressOf(stages: readonly Timed[]): number | null {
  let done = 0
  let whole = 0
  for (const { definition, status, usualSeconds, spentSeconds } of stages) {
    if (definition === undefined) continue
    whole += usualSeconds
    if (status === 'completed' || status === 'skipped') done += usualSeconds
    else if (status === 'in_progress') done += Math.min(spentSeconds, MOST_OF_A_RUNNING_STAGE * usualSeconds)
  }
  return whole === 0 ? null : Math.round((done / whole) * 10_000) / 10_000
}

/**
 * What is left of a stage is between its 5th and 95th percentile; likely its median or, past that, half of what is left
 * to the 95th. A stage that has run for longer, or failed without a next try, may take any time: then null, as where too
 * few are known. A request that waits to be begun can't end before whole requests usually do.
 */
function expectedEnd({ status, createdMs }: OutlookOf, stages: readonly Timed[], { nowMs, paces }: ReadingContext): RequestRow['expected_end'] {
  const whole = paces.get('')
  const left = stages.filter(({ definition, status: of }) => definition !== undefined && of !== 'completed' && of !== 'skipped')
  if (whole === undefined || left.length === 0) return null
  let earliest = 0
  let likely = 0
  let latest = 0
  for (const { status: of, pace, spentSeconds, nextAttemptMs } of left) {
    if (pace === undefined) return null
    if (of === 'in_progress') {
      if (spentSeconds > pace.p95) return null
      earliest += Math.max(0, pace.p05 - spentSeconds)
      likely += spentSeconds < pace.p50 ? pace.p50 - spentSeconds : (pace.p95 - spentSeconds) / 2
      latest += pace.p95 - spentSeconds
    } else {
      if (of === 'failed' && nextAttemptMs === undefined) return null
      const wait = of === 'failed' ? Math.max(0, ((nextAttemptMs ?? 0) - nowMs) / 1000) : 0
      earliest += pace.p05 + wait
      likely += pace.p50 + wait
      latest += pace.p95 + wait
    }
  }
  const end = (seconds: number, ofWhole: number): string =>
    new Date(Math.max(nowMs + seconds * 1000, status === 'pending' ? createdMs + ofWhole * 1000 : 0)).toISOString()
  return { earliest: end(earliest, whole.p05), likely: end(likely, whole.p50), latest: end(latest, whole.p95) }
}
