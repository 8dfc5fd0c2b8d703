import type { RequestDetail as Detail } from '@vividly/tracker-api/contract'
import { useContext, useRef } from 'react'

import { API_BASE } from '../client/monitoringApi.ts'
import { isEnded } from '../client/requestPhase.ts'
import type { WatchedRequest } from '../client/requestWatcher.ts'
import { t } from '../text/t.ts'
import { CopyButton } from './CopyButton.tsx'
import { ErrorReport } from './ErrorReport.tsx'
import { EventTimeline } from './EventTimeline.tsx'
import { Icon } from './Icon.tsx'
import { LinkOrText } from './LinkOrText.tsx'
import { Moment } from './Moment.tsx'
import { ProgressBar } from './ProgressBar.tsx'
import { progressRange } from './progressRange.ts'
import { sentence } from './sentence.ts'
import { useServerNow } from './serverClock.ts'
import { StageTable } from './StageTable.tsx'
import { StateMark } from './StateMark.tsx'
import { NONE_OPEN, requestState, STATES } from './states.ts'
import { addressOf, SurroundingsContext } from './surroundings.ts'
import type { OutsideLink } from './surroundings.ts'
import { toMarkdown } from './toMarkdown.ts'
import { usePanelFocus } from './usePanelFocus.ts'
import { Waterfall } from './Waterfall.tsx'
import './RequestDetail.css'

type Props = {
  id: string
  watched: WatchedRequest
  /** The breakers that let nothing through. */
  openBreakers?: ReadonlySet<string>
  onClose?: () => void
  onRetry: () => void
}

/** Why, since when, until when: one request beside the list. */
export function RequestDetail({ id, watched, openBreakers = NONE_OPEN, onClose, onRetry }: Props) {
  const { detail, error } = watched
  const surroundings = useContext(SurroundingsContext)
  const title = useRef<HTMLHeadingElement>(null)
  usePanelFocus(title, onClose !== undefined)
  const Frame = onClose ? 'aside' : 'section'
  return (
    <Frame id="vt-detail" className="vt-detail" aria-labelledby="vt-detail-title" aria-busy={!detail && !error}>
      <header className="vt-detail__head">
        <h2 id="vt-detail-title" ref={title} tabIndex={-1}>
          <bdi>{detail ? detail.topic || t('No topic') : t('Request')}</bdi>
        </h2>
        {onClose && (
          <button type="button" className="vt-icon-button" onClick={onClose} aria-label={t('Close the request')} title={t('Close (Esc)')}>
            <Icon name="close" />
          </button>
        )}
      </header>
      <div className="vt-detail__id">
        <code className="vt-id">{detail?.correlation_id ?? id}</code>
        <CopyButton text={detail?.correlation_id ?? id} label={t('Copy the ID')} />
        <CopyButton text={addressOf(surroundings, detail?.correlation_id ?? id)} label={t('Copy a link to this request')} icon="link" />
      </div>
      {detail && <Copies detail={detail} openBreakers={openBreakers} />}
      {error && (
        <div className="vt-detail__error vt-tone-danger">
          <Icon name="cross" />
          <p>
            {error.notFound ? t('No request has this ID, or it is older than what is kept.') : error.message}
          </p>
          <button type="button" className="vt-button" onClick={onRetry}>
            {t('Try again')}
          </button>
        </div>
      )}
      {detail && <Body detail={detail} watched={watched} openBreakers={openBreakers} />}
    </Frame>
  )
}

/** What a ticket, a shell or a program takes. */
function Copies({ detail, openBreakers }: { detail: Detail; openBreakers: ReadonlySet<string> }) {
  const nowMs = useServerNow()
  const surroundings = useContext(SurroundingsContext)
  const address = addressOf(surroundings, detail.correlation_id)
  const url = `${surroundings.trackerUrl()}${API_BASE}/requests/${detail.correlation_id}`
  return (
    <div className="vt-detail__copies" role="group" aria-label={t('Copy as')}>
      <CopyButton text={toMarkdown(detail, sentence(detail, nowMs, openBreakers), address)} label={t('Copy as Markdown, for a ticket')}>
        Markdown
      </CopyButton>
      <CopyButton text={JSON.stringify(detail, null, 2)} label={t('Copy as JSON')}>
        JSON
      </CopyButton>
      <CopyButton text={`curl -sS '${url}'`} label={t('Copy as curl, for a shell')}>
        curl
      </CopyButton>
    </div>
  )
}

function Body({ detail, watched, openBreakers }: { detail: Detail; watched: WatchedRequest; openBreakers: ReadonlySet<string> }) {
  const nowMs = useServerNow()
  const said = sentence(detail, nowMs, openBreakers)
  const state = requestState(detail, nowMs, openBreakers)
  const look = STATES[state]
  return (
    <>
      <div className={`vt-detail__summary vt-tone-${look.tone}`}>
        <StateMark look={look} pulse={state === 'running'} />
        <p className="vt-detail__sentence vt-num">
          <bdi>{said}</bdi>
        </p>
        <ProgressBar percentage={detail.progress_percentage} tone={look.tone} label={t('Progress of this request')} range={progressRange(detail, nowMs)} />
      </div>
      {detail.warnings.map((warning) => (
        <p key={`${warning.code} ${warning.message}`} className="vt-detail__warning vt-tone-warning">
          <Icon name="triangle" size={14} /> <bdi>{warning.message}</bdi>
        </p>
      ))}
      {state === 'failed' && (
        <ErrorReport message={isToldIn(said, detail.error_message) ? null : detail.error_message} details={detail.error_details} />
      )}
      <section aria-labelledby="vt-stages-title">
        <h3 id="vt-stages-title" className="vt-section-title">
          {t('Stages')}
        </h3>
        <StageTable request={detail} events={watched.events} />
      </section>
      {watched.spans && <Waterfall spans={watched.spans} isActive={!isEnded(detail.status)} />}
      <Facts detail={detail} />
      <EventTimeline events={watched.events} truncated={watched.eventsTruncated} startedAt={detail.created_at} />
    </>
  )
}

function isToldIn(said: string, message: string | null): boolean {
  return message !== null && said.includes(message.replace(/\.+$/, ''))
}

function Facts({ detail }: { detail: Detail }) {
  const { linksFor } = useContext(SurroundingsContext)
  const ended = detail.completed_at ?? detail.failed_at ?? detail.cancelled_at
  return (
    <section aria-labelledby="vt-facts-title">
      <h3 id="vt-facts-title" className="vt-section-title">
        {t('Request')}
      </h3>
      <dl className="vt-facts">
        <Fact name={t('Student')} text={withId(detail.student_name, detail.student_id)} />
        <Fact name={t('Organization')} text={detail.organization_id} />
        <Fact name={t('Objective')} text={detail.learning_objective} />
        <dt>{t('Created')}</dt>
        <dd>
          <Moment at={detail.created_at} />
        </dd>
        {ended && (
          <>
            <dt>{t('Ended')}</dt>
            <dd>
              <Moment at={ended} />
            </dd>
          </>
        )}
        {detail.video_url && (
          <>
            <dt>{t('Video')}</dt>
            <dd>
              <LinkOrText text={detail.video_url} />
            </dd>
          </>
        )}
        {detail.thumbnail_url && (
          <>
            <dt>{t('Thumbnail')}</dt>
            <dd>
              <LinkOrText text={detail.thumbnail_url} />
            </dd>
          </>
        )}
        <dt>{t('Trace')}</dt>
        <dd>
          <code className="vt-id">{detail.trace_id}</code>
          <CopyButton text={detail.trace_id} label={t('Copy the trace ID')} />
        </dd>
        <Elsewhere links={linksFor(detail)} />
      </dl>
      {detail.script_text && (
        <details className="vt-fold">
          <summary>{t('Script')}</summary>
          <pre className="vt-pre">
            <bdi>{detail.script_text}</bdi>
          </pre>
        </details>
      )}
    </section>
  )
}

function Elsewhere({ links }: { links: readonly OutsideLink[] }) {
  if (links.length === 0) return null
  return (
    <>
      <dt>{t('Elsewhere')}</dt>
      <dd className="vt-facts__links">
        {links.map(({ label, href }) => (
          <a key={href} className="vt-link" href={href} rel="noreferrer">
            {t(label)}
          </a>
        ))}
      </dd>
    </>
  )
}

function Fact({ name, text }: { name: string; text: string | null }) {
  if (!text) return null
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <bdi>{text}</bdi>
      </dd>
    </>
  )
}

function withId(name: string | null, id: string | null): string | null {
  if (name && id) return `${name} (${id})`
  return name ?? id
}
