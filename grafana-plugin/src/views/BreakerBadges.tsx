import type { CircuitBreaker } from '@vividly/tracker-api/contract'
import type { StageNormals } from '@vividly/tracker-api/trendsContract'
import { useCallback, useContext, useMemo, useState } from 'react'

import type { LiveData } from '../client/liveData.ts'
import type { MonitoringApi } from '../client/monitoringApi.ts'
import { formatCount } from '../text/locale.ts'
import { Say } from '../text/Say.tsx'
import { t } from '../text/t.ts'
import { BreakerHistory } from './BreakerHistory.tsx'
import { breakerImpact } from './breakerImpact.ts'
import { NO_FILTER } from './filter.ts'
import { formatDuration } from './formatDuration.ts'
import { Elapsed } from './Moment.tsx'
import { NavigationContext, PlaceLink } from './PlaceLink.tsx'
import { useServerNow } from './serverClock.ts'
import { StateMark } from './StateMark.tsx'
import { BREAKERS, STATES } from './states.ts'
import { usePolled } from './usePolled.ts'
import './BreakerBadges.css'

const WORST_FIRST = { open: 0, half_open: 1, closed: 2 }
const NORMALS_INTERVAL_MS = 60_000
/** How far ahead an open breaker says whom it will stop. */
const AHEAD_MS = 120_000
const IMPACT_INTERVAL_MS = 5_000

/** One badge a provider: may calls go through, since when, how they went, and whom an open one stops. */
export function BreakerBadges({ api, data }: { api: MonitoringApi; data: LiveData }) {
  const rows = [...data.breakers.values()].map(({ row }) => row)
  rows.sort((a, b) => WORST_FIRST[a.state] - WORST_FIRST[b.state] || a.name.localeCompare(b.name))
  const isOneOpen = rows.some(({ state }) => state === 'open')
  const askNormals = useCallback((signal: AbortSignal) => api.getStageNormals(signal), [api])
  const normals = usePolled(askNormals, NORMALS_INTERVAL_MS, isOneOpen).answer?.items
  return (
    <section className="vt-breakers" aria-labelledby="vt-breakers-title">
      <h2 id="vt-breakers-title" className="vt-section-title">
        {t('Circuit breakers')}
      </h2>
      {rows.length === 0 ? (
        <p className="vt-breakers__none vt-muted">
          {data.breakersHidden
            ? t('Breakers belong to the whole platform: they are shown to those who may see all organizations.')
            : t('No provider has reported one yet.')}
        </p>
      ) : (
        <ul className="vt-breakers__list">
          {rows.map((row) => (
            <Badge key={row.name} api={api} breaker={row} requests={data.requests} normals={normals} />
          ))}
        </ul>
      )}
    </section>
  )
}

type BadgeProps = {
  api: MonitoringApi
  breaker: CircuitBreaker
  requests: LiveData['requests']
  normals: StageNormals['items'] | undefined
}

function Badge({ api, breaker, requests, normals }: BadgeProps) {
  const { place } = useContext(NavigationContext)
  const [open, setOpen] = useState(false)
  const stopped = { ...NO_FILTER, narrow: { breaker: breaker.name } }
  const look = BREAKERS[breaker.state]
  return (
    <li className={`vt-breaker vt-breaker--${breaker.state} vt-tone-${look.tone}`}>
      <div className="vt-breaker__head">
        <bdi className="vt-breaker__name">{breaker.name}</bdi>
        <span className="vt-breaker__state">
          <StateMark look={look} />{' '}
          <span className="vt-muted">
            <Say text="for {time}" parts={{ time: <Elapsed since={breaker.since} /> }} />
          </span>
        </span>
      </div>
      {breaker.state === 'open' && <Impact breaker={breaker} requests={requests} normals={normals} />}
      <p className="vt-breaker__facts vt-num">
        <span title={t('Since the processes that call this provider started')}>
          {t('{calls} calls · {failures} failed', { calls: formatCount(breaker.calls), failures: formatCount(breaker.failures) })}
          {breaker.slow_calls > 0 && t(' · {count} slow', { count: formatCount(breaker.slow_calls) })}
          {breaker.rejected > 0 && t(' · {count} stopped', { count: formatCount(breaker.rejected) })}
        </span>
        {breaker.state === 'open' && breaker.retry_at && <NextTry at={breaker.retry_at} />}
      </p>
      <div className="vt-breaker__more">
        <PlaceLink to={{ ...place, filter: stopped }} className="vt-link" current={place.filter.narrow.breaker === breaker.name}>
          {t('Requests it stopped')}
        </PlaceLink>
        <button type="button" className="vt-breaker__toggle" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t('History')}
        </button>
      </div>
      {open && <BreakerHistory api={api} breaker={breaker} />}
    </li>
  )
}

/** "12 requests wait, 31 will reach it within 2 min": the wait is a link to those that wait. */
function Impact({ breaker, requests, normals }: Omit<BadgeProps, 'api'>) {
  const { place } = useContext(NavigationContext)
  const nowMs = Math.floor(useServerNow() / IMPACT_INTERVAL_MS) * IMPACT_INTERVAL_MS
  const { held, arriving } = useMemo(
    () => breakerImpact(requests.values(), breaker.name, normals, nowMs, AHEAD_MS),
    [requests, breaker.name, normals, nowMs],
  )
  const filter = { ...NO_FILTER, status: 'held' as const }
  return (
    <p className="vt-breaker__impact vt-num">
      <StateMark look={STATES.held} bare />
      <PlaceLink to={{ ...place, filter }} className="vt-link" current={place.filter.status === 'held'}>
        {held === 1 ? t('1 request waits for it') : t('{count} requests wait for it', { count: formatCount(held) })}
      </PlaceLink>
      {arriving !== undefined && (
        <span>{t('{count} will reach it within {time}', { count: formatCount(arriving), time: formatDuration(AHEAD_MS) })}</span>
      )}
    </p>
  )
}

function NextTry({ at }: { at: string }) {
  const leftMs = Date.parse(at) - useServerNow()
  return <strong>{leftMs >= 1_000 ? t('Next try in {time}', { time: formatDuration(leftMs) }) : t('Next try is due')}</strong>
}
