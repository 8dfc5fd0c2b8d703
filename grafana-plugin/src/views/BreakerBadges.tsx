import type { CircuitBreaker } from '@vividly/tracker-api/contract'
import { useContext, useState } from 'react'

import type { LiveData } from '../client/liveData.ts'
import type { MonitoringApi } from '../client/monitoringApi.ts'
import { BreakerHistory } from './BreakerHistory.tsx'
import { NO_FILTER } from './filter.ts'
import { formatDuration } from './formatDuration.ts'
import { Elapsed } from './Moment.tsx'
import { NavigationContext, PlaceLink } from './PlaceLink.tsx'
import { useServerNow } from './serverClock.ts'
import { StateMark } from './StateMark.tsx'
import { BREAKERS } from './states.ts'
import './BreakerBadges.css'

const WORST_FIRST = { open: 0, half_open: 1, closed: 2 }

/** One badge a provider: may calls go through, since when, and how they went. */
export function BreakerBadges({ api, data }: { api: MonitoringApi; data: LiveData }) {
  const rows = [...data.breakers.values()].map(({ row }) => row)
  rows.sort((a, b) => WORST_FIRST[a.state] - WORST_FIRST[b.state] || a.name.localeCompare(b.name))
  return (
    <section className="vt-breakers" aria-labelledby="vt-breakers-title">
      <h2 id="vt-breakers-title" className="vt-section-title">
        Circuit breakers
      </h2>
      {rows.length === 0 ? (
        <p className="vt-breakers__none vt-muted">
          {data.breakersHidden
            ? 'Breakers belong to the whole platform: they are shown to those who may see all organizations.'
            : 'No provider has reported one yet.'}
        </p>
      ) : (
        <ul className="vt-breakers__list">
          {rows.map((row) => (
            <Badge key={row.name} api={api} breaker={row} />
          ))}
        </ul>
      )}
    </section>
  )
}

function Badge({ api, breaker }: { api: MonitoringApi; breaker: CircuitBreaker }) {
  const { place } = useContext(NavigationContext)
  const [open, setOpen] = useState(false)
  const stopped = { ...NO_FILTER, narrow: { breaker: breaker.name } }
  const look = BREAKERS[breaker.state]
  return (
    <li className={`vt-breaker vt-tone-${look.tone}`}>
      <div className="vt-breaker__head">
        <bdi className="vt-breaker__name">{breaker.name}</bdi>
        <span className="vt-breaker__state">
          <StateMark look={look} />{' '}
          <span className="vt-muted">
            for <Elapsed since={breaker.since} />
          </span>
        </span>
      </div>
      <p className="vt-breaker__facts vt-num">
        <span title="Since the processes that call this provider started">
          {breaker.calls.toLocaleString('en-US')} calls · {breaker.failures.toLocaleString('en-US')} failed
          {breaker.rejected > 0 && ` · ${breaker.rejected.toLocaleString('en-US')} stopped`}
        </span>
        {breaker.state === 'open' && breaker.retry_at && <NextTry at={breaker.retry_at} />}
      </p>
      <div className="vt-breaker__more">
        <PlaceLink to={{ ...place, filter: stopped }} className="vt-link" current={place.filter.narrow.breaker === breaker.name}>
          Requests it stopped
        </PlaceLink>
        <button type="button" className="vt-breaker__toggle" aria-expanded={open} onClick={() => setOpen(!open)}>
          History
        </button>
      </div>
      {open && <BreakerHistory api={api} breaker={breaker} />}
    </li>
  )
}

function NextTry({ at }: { at: string }) {
  const leftMs = Date.parse(at) - useServerNow()
  return <strong>{leftMs >= 1_000 ? `Next try in ${formatDuration(leftMs)}` : 'Next try is due'}</strong>
}
