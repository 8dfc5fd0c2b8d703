import { useContext, useState } from 'react'

import type { Connection } from '../client/liveClient.ts'
import { Say } from '../text/Say.tsx'
import { t } from '../text/t.ts'
import { CopyButton } from './CopyButton.tsx'
import { NO_FILTER } from './filter.ts'
import { NavigationContext, PlaceLink } from './PlaceLink.tsx'
import { SurroundingsContext } from './surroundings.ts'
import './EmptyStates.css'

export function Reading() {
  return (
    <ul className="vt-reading" aria-label={t('Reading the requests')}>
      {['a', 'b', 'c', 'd', 'e'].map((key) => (
        <li key={key} />
      ))}
    </ul>
  )
}

/** A tracker with no data: the reader's next step is to send some. */
export function NoRequest() {
  const { trackerUrl } = useContext(SurroundingsContext)
  const [command] = useState(() => sampleCommand(trackerUrl(), Date.now()))
  return (
    <div className="vt-empty">
      <p className="vt-empty__title">{t('No request yet')}</p>
      <p>{t('Send one with this command; it appears here within a second.')}</p>
      <div className="vt-empty__command">
        <pre>
          <code>{command}</code>
        </pre>
        <CopyButton text={command} label={t('Copy the command')} />
      </div>
    </div>
  )
}

export function NoMatch() {
  const { place } = useContext(NavigationContext)
  return (
    <div className="vt-empty">
      <p className="vt-empty__title">
        {place.filter.text ? (
          <Say text="Nothing matches {text}" parts={{ text: <bdi>“{place.filter.text}”</bdi> }} />
        ) : (
          t('No request is in this state')
        )}
      </p>
      <p>
        <PlaceLink className="vt-link" to={{ ...place, filter: NO_FILTER }}>
          {t('Show all requests')}
        </PlaceLink>
      </p>
    </div>
  )
}

export function NotReachable({ connection, onRetry }: { connection: Connection; onRetry: () => void }) {
  return (
    <div className="vt-empty">
      <p className="vt-empty__title">{t('The requests can’t be read')}</p>
      <p>{'message' in connection ? connection.message : ''}</p>
      <button type="button" className="vt-button" onClick={onRetry}>
        {t('Try now')}
      </button>
    </div>
  )
}

/** One OTLP log record, which any OpenTelemetry SDK could have sent. */
function sampleCommand(origin: string, nowMs: number): string {
  const traceId = `f${crypto.getRandomValues(new Uint8Array(16)).reduce((hex, byte) => hex + byte.toString(16).padStart(2, '0'), '').slice(1)}`
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } })
  const record = {
    timeUnixNano: `${nowMs}000000`,
    eventName: 'vividly.request.created',
    traceId,
    attributes: [
      text('vividly.request.topic', 'Photosynthesis in plants'),
      text('user.id', 's-1'),
      text('user.full_name', 'Ann Lee'),
    ],
  }
  const body = { resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] }
  return `curl ${origin}/v1/logs -H 'content-type: application/json' -d '${JSON.stringify(body)}'`
}
