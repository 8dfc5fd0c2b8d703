import type { RequestDetail, RequestEvent, StageDetail } from '@vividly/tracker-api/contract'

import { Say } from '../text/Say.tsx'
import { t } from '../text/t.ts'
import { ErrorReport } from './ErrorReport.tsx'
import { formatDuration } from './formatDuration.ts'
import { Icon } from './Icon.tsx'
import { JsonFold } from './JsonFold.tsx'
import { Elapsed, Measured } from './Moment.tsx'
import { useServerNow } from './serverClock.ts'
import { stageLook } from './stages.ts'
import { StateMark } from './StateMark.tsx'
import type { StateName } from './states.ts'
import { stageState, STATES } from './states.ts'
import { toAttempts } from './toAttempts.ts'
import type { Attempt } from './toAttempts.ts'
import './StageTable.css'

const SLOW_FACTOR = 1.5

/** Each stage with its state, its time as part of the whole, its tries, errors and output. */
export function StageTable({ request, events }: { request: RequestDetail; events: readonly RequestEvent[] }) {
  const nowMs = useServerNow()
  const startMs = Date.parse(request.created_at)
  const ended = request.completed_at ?? request.failed_at ?? request.cancelled_at
  const wholeMs = Math.max(1, (ended ? Date.parse(ended) : nowMs) - startMs)
  return (
    <ol className="vt-stages">
      {request.stages.map((stage) => (
        <StageItem
          key={stage.name}
          stage={stage}
          state={stageState(stage, request.status)}
          attempts={toAttempts(events, stage.name)}
          isRequestError={stage.error_message === request.error_message}
          span={toSpan(stage, startMs, wholeMs, nowMs)}
        />
      ))}
    </ol>
  )
}

type ItemProps = {
  stage: StageDetail
  state: StateName
  attempts: Attempt[]
  /** The error stands above already. */
  isRequestError: boolean
  span: { leftPercent: number; widthPercent: number } | undefined
}

function StageItem({ stage, state, attempts, isRequestError, span }: ItemProps) {
  const look = STATES[state]
  const { label, icon } = stageLook(stage.name)
  return (
    <li className={`vt-stage vt-stage--${state} vt-tone-${look.tone}`}>
      <div className="vt-stage__head">
        <span className="vt-stage__icon">
          <Icon name={icon} />
        </span>
        <bdi className="vt-stage__name">{label}</bdi>
        <StateMark look={look} pulse={state === 'running'} />
        <span className="vt-stage__duration">
          <StageDuration stage={stage} state={state} />
        </span>
      </div>
      <div className="vt-stage__track" aria-hidden="true">
        {span && <div style={{ left: `${span.leftPercent}%`, width: `${span.widthPercent}%` }} />}
      </div>
      <StageNotes stage={stage} state={state} />
      {attempts.length > 1 && <Attempts attempts={attempts} />}
      {stage.error_message && !isRequestError && state !== 'done' && (
        <ErrorReport message={stage.error_message} details={stage.error_details} />
      )}
      <JsonFold title={t('Output')} value={stage.output_data} />
    </li>
  )
}

function Attempts({ attempts }: { attempts: Attempt[] }) {
  return (
    <ol className="vt-attempts vt-num">
      {attempts.map(({ number, startedAt, endedAt, outcome, error }) => (
        <li key={number}>
          {endedAt === undefined ? (
            <Say text="try {number} {outcome} for {time}" parts={{ number, outcome: t(STATES[outcome].word), time: <Elapsed since={startedAt} /> }} />
          ) : (
            <Say
              text="try {number} {outcome} after {time}"
              parts={{
                number,
                outcome: t(STATES[outcome].word),
                time: <Measured seconds={Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)) / 1000} />,
              }}
            />
          )}
          {error && <>: <bdi>{error}</bdi></>}
        </li>
      ))}
    </ol>
  )
}

function StageDuration({ stage, state }: { stage: StageDetail; state: StateName }) {
  if (state === 'running' && stage.started_at) return <Elapsed since={stage.started_at} />
  if (stage.duration_seconds !== null) return <Measured seconds={stage.duration_seconds} />
  return <span aria-hidden="true">–</span>
}

function StageNotes({ stage, state }: { stage: StageDetail; state: StateName }) {
  const nowMs = useServerNow()
  const notes: string[] = []
  if (stage.retry_count > 0) {
    notes.push(t('{number} of {allowed} tries', { number: stage.retry_count + 1, allowed: Math.max(stage.max_retries, stage.retry_count) + 1 }))
  }
  if (stage.expected_duration_seconds !== null && (state === 'running' || isSlow(stage))) {
    notes.push(t('usually {time}', { time: formatDuration(stage.expected_duration_seconds * 1000) }))
  }
  if (stage.next_attempt_at && state === 'retrying') {
    const leftMs = Date.parse(stage.next_attempt_at) - nowMs
    notes.push(leftMs >= 1_000 ? t('next try in {time}', { time: formatDuration(leftMs) }) : t('next try is due'))
  }
  if (state === 'running' && stage.progress_ratio !== null) notes.push(`${Math.round(stage.progress_ratio * 100)} %`)
  if (notes.length === 0 && !(state === 'running' && stage.progress_message)) return null
  return (
    <p className="vt-stage__notes vt-num">
      {notes.join(' · ')}
      {state === 'running' && stage.progress_message && (
        <>
          {notes.length > 0 && ' · '}
          <bdi>{stage.progress_message}</bdi>
        </>
      )}
    </p>
  )
}

/** Of one that ended: worth a word only where it stands out. */
function isSlow({ duration_seconds: took, expected_duration_seconds: usual }: StageDetail): boolean {
  return took !== null && usual !== null && took >= usual * SLOW_FACTOR
}

function toSpan(stage: StageDetail, startMs: number, wholeMs: number, nowMs: number): ItemProps['span'] {
  if (!stage.started_at) return undefined
  const fromMs = Date.parse(stage.started_at)
  const toMs = stage.completed_at
    ? Date.parse(stage.completed_at)
    : stage.duration_seconds === null
      ? Math.min(nowMs, startMs + wholeMs)
      : fromMs + stage.duration_seconds * 1000
  const leftPercent = clamp(((fromMs - startMs) / wholeMs) * 100)
  return { leftPercent, widthPercent: Math.min(100 - leftPercent, Math.max(0, ((toMs - fromMs) / wholeMs) * 100)) }
}

function clamp(percent: number): number {
  return Math.max(0, Math.min(100, percent))
}
