import type { RequestRow as Row } from '@vividly/tracker-api/contract'
import { memo } from 'react'

import { isEnded } from '../client/requestPhase.ts'
import { t } from '../text/t.ts'
import { CopyButton } from './CopyButton.tsx'
import { formatRough } from './formatDuration.ts'
import { formatMinute } from './formatTime.ts'
import { Ago, Elapsed, Measured } from './Moment.tsx'
import { ProgressBar } from './ProgressBar.tsx'
import { progressRange } from './progressRange.ts'
import { useServerNow } from './serverClock.ts'
import { StagePills } from './StagePills.tsx'
import { stageLook } from './stages.ts'
import { StateMark } from './StateMark.tsx'
import { NONE_OPEN, requestState, STATES } from './states.ts'
import './RequestRow.css'

type Props = {
  /** Takes the element, to measure its height. No `ref`: React 18 keeps that from function components. */
  measure?: React.Ref<HTMLLIElement>
  /** Its place among `count`, from 0: not all of them are in the document. */
  index?: number
  count?: number
  row: Row
  open: boolean
  /** The server's time, to some seconds: a row becomes late by itself. */
  nowMs: number
  /** The breakers that let nothing through. */
  openBreakers?: ReadonlySet<string>
  onOpen: (id: string) => void
}

/** One request. A click anywhere opens it; the topic is the button that a keyboard reaches. */
export const RequestRow = memo(function RequestRow({ measure, index = 0, count = 1, row, open, nowMs, openBreakers = NONE_OPEN, onOpen }: Props) {
  const state = requestState(row, nowMs, openBreakers)
  const look = STATES[state]
  const ended = row.completed_at ?? row.failed_at ?? row.cancelled_at
  const stage = state === 'failed' ? (row.error_stage ?? row.current_stage) : row.current_stage
  return (
    <li
      ref={measure}
      data-index={index}
      aria-posinset={index + 1}
      aria-setsize={count}
      className={`vt-row vt-row--${state}${open ? ' vt-row--open' : ''}`}
      data-request={row.correlation_id}
      onClick={(event) => {
        if ((event.target as Element).closest('button, a') || window.getSelection()?.toString()) return
        onOpen(row.correlation_id)
      }}
    >
      <div className="vt-row__state">
        <StateMark look={look} pulse={state === 'running' || state === 'late'} />
        <span className="vt-row__stage">{stageText(row, stage)}</span>
      </div>
      <div className="vt-row__what">
        <button
          type="button"
          className="vt-row__open"
          aria-expanded={open}
          aria-controls={open ? 'vt-detail' : undefined}
          onClick={() => onOpen(row.correlation_id)}
        >
          <bdi>{row.topic || t('No topic')}</bdi>
        </button>
        <div className="vt-row__who">
          <bdi className="vt-row__student" title={row.student_id ?? undefined}>
            {row.student_name ?? row.student_id ?? t('Unknown student')}
          </bdi>
          <ShortenedId id={row.correlation_id} />
          <CopyButton text={row.correlation_id} label={t('Copy the ID')} />
        </div>
      </div>
      <StagePills stages={row.stages} status={row.status} />
      <ProgressBar
        percentage={row.progress_percentage}
        tone={look.tone}
        label={t('Progress of {id}', { id: row.correlation_id })}
        range={progressRange(row, nowMs)}
      />
      <div className="vt-row__time">
        {isEnded(row.status) ? (
          <Measured seconds={row.total_duration_seconds ?? row.elapsed_seconds} />
        ) : (
          <Elapsed since={row.created_at} />
        )}
        <span className="vt-muted vt-row__when">
          {ended && isEnded(row.status) ? <Ago at={ended} /> : <Outlook row={row} />}
        </span>
      </div>
      {state === 'failed' && row.error_message && (
        <p className="vt-row__error">
          <bdi>{row.error_message}</bdi>
        </p>
      )}
    </li>
  )
})

function stageText(row: Row, stage: string | null): string {
  if (row.status === 'completed') return t('all stages')
  return stage ? stageLook(stage).label : t('not begun')
}

/** Where room is short, the ID's random end: enough to tell rows apart. The copy is always of the whole. */
function ShortenedId({ id }: { id: string }) {
  return (
    <code className="vt-id" title={id}>
      <span className="vt-id__long">{id}</span>
      <span className="vt-id__short" aria-hidden="true">
        …{id.slice(-8)}
      </span>
    </code>
  )
}

/** When it should end, if that is known; else since when it goes on. */
function Outlook({ row }: { row: Row }) {
  const nowMs = useServerNow()
  const leftMs = row.expected_end === null ? 0 : Date.parse(row.expected_end.likely) - nowMs
  if (leftMs >= 1_000) {
    const { earliest, latest } = row.expected_end ?? { earliest: '', latest: '' }
    return <span title={t('Expected to end between {earliest} and {latest}', { earliest, latest })}>{t('ends in ~{time}', { time: formatRough(leftMs < 60_000 ? leftMs : Math.round(leftMs / 60_000) * 60_000) })}</span>
  }
  if (row.retry_count > 0) return row.retry_count === 1 ? t('1 retry') : t('{count} retries', { count: row.retry_count })
  const createdMs = Date.parse(row.created_at)
  return t('since {time}', { time: formatMinute(createdMs, nowMs) })
}
