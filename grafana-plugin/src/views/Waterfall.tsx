import type { RequestSpanList } from '@vividly/tracker-api/contract'
import { useMemo, useState } from 'react'

import { formatCount } from '../text/locale.ts'
import { t } from '../text/t.ts'
import { arrangeSpans } from './arrangeSpans.ts'
import type { PlacedSpan } from './arrangeSpans.ts'
import { formatExactMs, formatMeasured } from './formatDuration.ts'
import { Icon } from './Icon.tsx'
import { JsonFold } from './JsonFold.tsx'
import './Waterfall.css'

const SPANS_AT_FIRST = 60
const ERROR_STATUS = 2

type Props = { spans: RequestSpanList; isActive: boolean }

/** Where the time went: every span under its parent, on one scale. A click tells the rest of it. */
export function Waterfall({ spans, isActive }: Props) {
  const [all, setAll] = useState(false)
  const placed = useMemo(() => arrangeSpans(spans.items), [spans])
  const shown = all ? placed : placed.slice(0, SPANS_AT_FIRST)
  return (
    <section aria-labelledby="vt-waterfall-title">
      <h3 id="vt-waterfall-title" className="vt-section-title">
        {t('Spans')} <span className="vt-muted vt-num">{spans.items.length}</span>
      </h3>
      {isActive && <p className="vt-muted">{t('A span comes when it has ended: what runs now is not among them.')}</p>}
      {placed.length === 0 && !isActive && <p className="vt-muted">{t('No span came.')}</p>}
      <ol className="vt-waterfall">
        {shown.map((one) => (
          <Row key={one.span.span_id} placed={one} />
        ))}
      </ol>
      {shown.length < placed.length && (
        <button type="button" className="vt-button" onClick={() => setAll(true)}>
          {t('Show all {count}', { count: formatCount(placed.length) })}
        </button>
      )}
      {spans.truncated && <p className="vt-muted">{t('There are more spans than these.')}</p>}
    </section>
  )
}

function Row({ placed: { span, depth, from, to } }: { placed: PlacedSpan }) {
  const isError = span.status_code === ERROR_STATUS
  const seconds = span.duration_seconds
  return (
    <li>
      <details className={`vt-span vt-tone-${isError ? 'danger' : 'info'}`}>
        <summary>
          <span className="vt-span__name" style={{ paddingInlineStart: `${Math.min(depth, 8) * 12}px` }}>
            {isError && (
              <>
                <Icon name="cross" size={12} />
                <span className="vt-sr-only">{t('failed')}</span>
              </>
            )}
            <bdi>{span.name}</bdi>
          </span>
          <span className="vt-span__track" aria-hidden="true">
            <span style={{ left: `${from * 100}%`, width: `${(to - from) * 100}%` }} />
          </span>
          <span className="vt-span__time vt-num" title={seconds === null ? undefined : formatExactMs(seconds * 1000)}>
            {seconds === null ? t('clocks differ') : formatMeasured(seconds * 1000)}
          </span>
        </summary>
        <div className="vt-span__rest">
          {span.status_message && (
            <p className="vt-tone-danger">
              <bdi>{span.status_message}</bdi>
            </p>
          )}
          <p className="vt-muted">
            <time dateTime={span.started_at}>{span.started_at}</time>
            {span.source_service && <bdi> · {span.source_service}</bdi>}
            {span.source_host && <bdi> · {span.source_host}</bdi>}
          </p>
          <JsonFold title={t('Attributes')} value={span.attributes} />
        </div>
      </details>
    </li>
  )
}
