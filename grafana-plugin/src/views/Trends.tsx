import { lazy, Suspense, useCallback, useMemo, useState } from 'react'

import type { MonitoringApi } from '../client/monitoringApi.ts'
import { toTrendSeries } from './toTrendSeries.ts'
import { usePolled } from './usePolled.ts'
import './Trends.css'

// With its library it comes when the first chart is asked for, and whatever ails it leaves the page alone.
const TrendChart = lazy(async () => ({ default: (await import('./TrendChart.tsx')).TrendChart }))

const HOUR_MS = 3_600_000
const SPANS = [
  { label: '24 hours', hours: 24, step: 'hour' },
  { label: '7 days', hours: 24 * 7, step: 'hour' },
  { label: '30 days', hours: 24 * 30, step: 'day' },
] as const
const INTERVAL_MS = 60_000

type Props = { api: MonitoringApi; timezone: string; live: boolean }

/** How it went over hours and days: how many, how well, how long. Folded until somebody asks. */
export function Trends({ api, timezone, live }: Props) {
  const [open, setOpen] = useState(false)
  return (
    <section className="vt-trends" aria-labelledby="vt-trends-title">
      <h2 id="vt-trends-title" className="vt-section-title">
        <button type="button" className="vt-button" aria-expanded={open} onClick={() => setOpen(!open)}>
          Trends
        </button>
      </h2>
      {open && (
        <Suspense fallback={<p className="vt-muted">Reading …</p>}>
          <Charts api={api} timezone={timezone} live={live} />
        </Suspense>
      )}
    </section>
  )
}

function Charts({ api, timezone, live }: Props) {
  const [span, setSpan] = useState<(typeof SPANS)[number]>(SPANS[0])
  const ask = useCallback(
    (signal: AbortSignal) =>
      api.getTrends({ from: new Date(Date.now() - span.hours * HOUR_MS).toISOString(), step: span.step, tz: timezone }, signal),
    [api, span, timezone],
  )
  const { answer, error } = usePolled(ask, INTERVAL_MS, live)
  const series = useMemo(() => answer && toTrendSeries(answer.buckets), [answer])
  return (
    <>
      <div className="vt-trends__spans" role="group" aria-label="Time shown">
        {SPANS.map((one) => (
          <button key={one.label} type="button" className="vt-button" aria-pressed={one === span} onClick={() => setSpan(one)}>
            {one.label}
          </button>
        ))}
        <span className="vt-muted">by the time of creation, a point {span.step === 'hour' ? 'an hour' : 'a day'}</span>
      </div>
      {error && <p className="vt-tone-danger">The trends could not be read: {error}</p>}
      {series?.times.length === 0 && <p className="vt-muted">No request was created in this time.</p>}
      {series && series.times.length > 0 && (
        <div className="vt-trends__charts">
          <TrendChart
            title="Requests"
            times={series.times}
            timezone={timezone}
            unit="count"
            lines={[
              { label: 'done', tone: 'success', values: series.completed },
              { label: 'failed', tone: 'danger', values: series.failed },
            ]}
          />
          <TrendChart
            title="Success rate"
            times={series.times}
            timezone={timezone}
            unit="percent"
            lines={[{ label: 'done of those that ended', tone: 'success', values: series.successPercent }]}
          />
          <TrendChart
            title="Duration"
            times={series.times}
            timezone={timezone}
            unit="seconds"
            lines={[
              { label: 'median', tone: 'info', values: series.p50 },
              { label: '95 of 100 within', tone: 'warning', values: series.p95 },
            ]}
          />
        </div>
      )}
    </>
  )
}
