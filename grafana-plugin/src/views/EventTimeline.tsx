import type { RequestEvent } from '@vividly/tracker-api/contract'
import { useState } from 'react'

import { t } from '../text/t.ts'
import { formatExactMs, formatMeasured } from './formatDuration.ts'
import { formatClock } from './formatTime.ts'
import { Icon } from './Icon.tsx'
import { ErrorReport } from './ErrorReport.tsx'
import { useServerNow } from './serverClock.ts'
import { stageLook } from './stages.ts'
import { SEVERITIES } from './states.ts'
import './EventTimeline.css'

type Props = { events: readonly RequestEvent[]; truncated: boolean; startedAt: string }

/** All that was told about the request, oldest first, each with its distance from the creation. */
export function EventTimeline({ events, truncated, startedAt }: Props) {
  const [problemsOnly, setProblemsOnly] = useState(false)
  const [stage, setStage] = useState('')
  const stages = [...new Set(events.flatMap((event) => event.stage_name ?? []))]
  const shown = events
    .filter((event) => !problemsOnly || event.severity !== 'info')
    .filter((event) => stage === '' || event.stage_name === stage)
  return (
    <section className="vt-timeline" aria-labelledby="vt-timeline-title">
      <div className="vt-timeline__head">
        <h3 id="vt-timeline-title" className="vt-section-title">
          {t('Events')} <span className="vt-muted vt-num">{shown.length === events.length ? events.length : t('{shown} of {all}', { shown: shown.length, all: events.length })}</span>
        </h3>
        {stages.length > 1 && (
          <select aria-label={t('Stage')} className="vt-select" value={stage} onChange={(change) => setStage(change.target.value)}>
            <option value="">{t('All stages')}</option>
            {stages.map((name) => (
              <option key={name} value={name}>
                {stageLook(name).label}
              </option>
            ))}
          </select>
        )}
        <label className="vt-check">
          <input type="checkbox" checked={problemsOnly} onChange={(change) => setProblemsOnly(change.target.checked)} />
          {t('Problems only')}
        </label>
      </div>
      {shown.length === 0 ? (
        <p className="vt-muted">{events.length === 0 ? t('Nothing was told yet.') : problemsOnly ? t('No warning and no error.') : t('Nothing of this stage.')}</p>
      ) : (
        <ol className="vt-timeline__events">
          {shown.map((event) => (
            <Event key={event.id} event={event} startedAtMs={Date.parse(startedAt)} />
          ))}
        </ol>
      )}
      {truncated && <p className="vt-muted">{t('There are more events than the {count} shown.', { count: events.length })}</p>}
    </section>
  )
}

function Event({ event, startedAtMs }: { event: RequestEvent; startedAtMs: number }) {
  const nowMs = useServerNow()
  const look = SEVERITIES[event.severity]
  const atMs = Date.parse(event.created_at)
  const sinceStartMs = atMs - startedAtMs
  return (
    <li className={`vt-event vt-event--${event.severity}`}>
      <span className={`vt-event__shape vt-tone-${look.tone}`} title={t(look.word)}>
        <Icon name={look.shape} size={12} />
        {event.severity !== 'info' && <span className="vt-sr-only">{t(look.word)}</span>}
      </span>
      <time className="vt-event__time vt-num" dateTime={event.created_at} title={event.created_at}>
        {formatClock(atMs, nowMs)}
        <span className="vt-muted" title={formatExactMs(sinceStartMs)}>
          {sinceStartMs < 0 ? t('before') : `+${formatMeasured(sinceStartMs)}`}
        </span>
      </time>
      <div className="vt-event__what">
        <p>
          <bdi className="vt-event__type">{event.event_type.replaceAll('_', ' ')}</bdi>
          {event.stage_name && <bdi className="vt-muted"> {stageLook(event.stage_name).label}</bdi>}
        </p>
        {event.event_message && (
          <p className="vt-event__message">
            <bdi>{event.event_message}</bdi>
          </p>
        )}
        <ErrorReport message={null} details={event.severity === 'info' ? null : event.event_data} />
      </div>
    </li>
  )
}
