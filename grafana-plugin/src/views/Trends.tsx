import { lazy, Suspense, useCallback, useMemo, useState } from 'react'

import type { MonitoringApi } from '../client/monitoringApi.ts'
import { msg, t } from '../text/t.ts'
import { Moment } from './Moment.tsx'
import { toTrendSeries } from './toTrendSeries.ts'
import { usePolled } from './usePolled.ts'
import './Trends.css'

// With its library it comes when the first chart is asked for, and whatever ails it leaves the page alone.
const TrendChart = lazy(async () => ({ default: (await import('./TrendChart.tsx')).TrendChart }))

const HOUR_MS = 3_600_000
const SPANS = [
  { label: msg('24 hours'), hours: 24, step: 'hour' },
  { label: msg('7 days'), hours: 24 * 7, step: 'hour' },
  { label: msg('30 days'), hours: 24 * 30, step: 'day' },
] as const
const INTERVAL_MS = 60_000
const NO_MARKS: readonly number[] = []

type Props = { api: MonitoringApi; timezone: string; live: boolean }

/** How it went over hours and days: how many, how well, how long. Folded until somebody asks. */
export function Trends({ api, timezone, live }: Props) {
  const [open, setOpen] = useState(false)
  return (
    <section className="vt-trends" aria-labelledby="vt-trends-title">
      <h2 id="vt-trends-title" className="vt-section-title">
        <button type="button" className="vt-button" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t('Trends')}
        </button>
      </h2>
      {open && (
        <Suspense fallback={<p className="vt-muted">{t('Reading …')}</p>}>
          <Charts api={api} timezone={timezone} live={live} />
        </Suspense>
      )}
    </section>
  )
}

function Charts({ api, timezone, live }: Props) {
  const [span, setSpan] = useState<(typeof SPANS)[number]>(SPANS[0])
  const ask = useCallback(
    async (signal: AbortSignal) => {
      const toMs = Date.now()
      const fromMs = toMs - span.hours * HOUR_MS
      const from = new Date(fromMs).toISOString()
      const [trends, deployments] = await Promise.all([
        api.getTrends({ from, step: span.step, tz: timezone }, signal),
        // What they are set beside is worth more than they are.
        api.getDeployments({ from }, signal).catch(() => ({ items: [] })),
      ])
      return { trends, deployments, window: [fromMs / 1000, toMs / 1000] as const }
    },
    [api, span, timezone],
  )
  const { answer, error } = usePolled(ask, INTERVAL_MS, live)
  const series = useMemo(() => answer && toTrendSeries(answer.trends.buckets), [answer])
  const deployed = answer?.deployments.items
  const marks = useMemo(
    () => deployed?.map(({ first_seen_at: at }) => Date.parse(at) / 1000) ?? NO_MARKS,
    [deployed],
  )
  const shared = answer && series && { times: series.times, window: answer.window, timezone, marks }
  return (
    <>
      <div className="vt-trends__spans" role="group" aria-label={t('Time shown')}>
        {SPANS.map((one) => (
          <button key={one.label} type="button" className="vt-button" aria-pressed={one === span} onClick={() => setSpan(one)}>
            {t(one.label)}
          </button>
        ))}
        <span className="vt-muted">
          {span.step === 'hour' ? t('by the time of creation, a point an hour') : t('by the time of creation, a point a day')}
        </span>
      </div>
      {error && <p className="vt-tone-danger">{t('The trends could not be read: {error}', { error })}</p>}
      {series?.times.length === 0 && <p className="vt-muted">{t('No request was created in this time.')}</p>}
      {shared && shared.times.length > 0 && (
        <div className="vt-trends__charts">
          <TrendChart
            title={t('Requests')}
            {...shared}
            unit="count"
            lines={[
              { label: t('done'), tone: 'success', values: series.completed },
              { label: t('failed'), tone: 'danger', values: series.failed },
            ]}
          />
          <TrendChart
            title={t('Success rate')}
            {...shared}
            unit="percent"
            lines={[{ label: t('done of those that ended'), tone: 'success', values: series.successPercent }]}
          />
          <TrendChart
            title={t('Duration')}
            {...shared}
            unit="seconds"
            lines={[
              { label: t('median'), tone: 'info', values: series.p50 },
              { label: t('95 of 100 within'), tone: 'warning', values: series.p95 },
            ]}
          />
        </div>
      )}
      {deployed && deployed.length > 0 && (
        <div className="vt-trends__deploys">
          <h3 className="vt-section-title">{t('Deploys, the dashed lines')}</h3>
          <ol aria-label={t('Deploys, newest first')}>
            {deployed.map(({ service, version, first_seen_at: at, organization_id: organization }) => (
              <li key={`${organization} ${service} ${version}`}>
                <bdi className="vt-trends__version">
                  {service} {version}
                </bdi>{' '}
                <Moment at={at} />
              </li>
            ))}
          </ol>
        </div>
      )}
    </>
  )
}
