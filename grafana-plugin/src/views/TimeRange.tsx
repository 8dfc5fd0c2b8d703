import { useContext, useId, useState } from 'react'

import { currentTimeZone } from '../text/locale.ts'
import { msg, t } from '../text/t.ts'
import type { Filter } from './filter.ts'
import { fromLocalTime, toLocalTime } from './formatTime.ts'
import { Menu } from './Menu.tsx'
import { parseMoment } from './parseMoment.ts'
import { NavigationContext, PlaceLink } from './PlaceLink.tsx'
import { useServerNow } from './serverClock.ts'
import './TimeRange.css'

/** As the address has them: the range goes on with the time until a link is copied. */
const RANGES = [
  { from: 'now-15m', label: msg('Last 15 minutes') },
  { from: 'now-1h', label: msg('Last hour') },
  { from: 'now-6h', label: msg('Last 6 hours') },
  { from: 'now-24h', label: msg('Last 24 hours') },
  { from: 'now-7d', label: msg('Last 7 days') },
  { from: undefined, label: msg('Any time') },
] as const

/** When the requests of the list were created: up to now, or between two moments in the reader's zone. */
export function TimeRange() {
  const { place } = useContext(NavigationContext)
  const { from, to } = place.filter.narrow
  const known = RANGES.find((range) => range.from === from && to === undefined)
  return (
    <Menu
      className="vt-range"
      summary={
        <>
          <span className="vt-sr-only">{t('Created')} </span>
          {known ? t(known.label) : t('Between two moments')}
        </>
      }
    >
      <ul aria-label={t('Created')}>
        {RANGES.map((range) => (
          <li key={range.label}>
            <PlaceLink to={{ ...place, filter: withTimes(place.filter, range.from, undefined) }} className="vt-menu__link" current={range === known}>
              {t(range.label)}
            </PlaceLink>
          </li>
        ))}
      </ul>
      <Between key={`${from} ${to}`} />
    </Menu>
  )
}

function Between() {
  const { place, go } = useContext(NavigationContext)
  const nowMs = useServerNow()
  const [kept] = useState(() => (['from', 'to'] as const).map((name) => {
    const ms = parseMoment(place.filter.narrow[name], nowMs)
    return ms === undefined ? '' : toLocalTime(ms)
  }))
  const [from = '', setFrom] = useState(kept[0])
  const [to = '', setTo] = useState(kept[1])
  const id = useId()
  const isReversed = from !== '' && to !== '' && from >= to
  return (
    <form
      data-closes
      onSubmit={(event) => {
        event.preventDefault()
        if (isReversed) return event.stopPropagation()
        go({ ...place, filter: withTimes(place.filter, toIso(from), toIso(to)) })
      }}
    >
      <p id={`${id}zone`} className="vt-muted">
        {t('Times in {zone}', { zone: currentTimeZone().replaceAll('_', ' ') })}
      </p>
      <label>
        {t('From')}
        <input type="datetime-local" value={from} aria-describedby={`${id}zone`} onChange={(event) => setFrom(event.target.value)} />
      </label>
      <label>
        {t('To')}
        <input type="datetime-local" value={to} aria-describedby={`${id}zone`} aria-invalid={isReversed} onChange={(event) => setTo(event.target.value)} />
      </label>
      {isReversed && (
        <p className="vt-tone-danger" role="alert">
          {t('It ends before it begins.')}
        </p>
      )}
      <button type="submit" className="vt-button">
        {t('Show')}
      </button>
    </form>
  )
}

function toIso(localTime: string): string | undefined {
  const ms = fromLocalTime(localTime)
  return ms === undefined ? undefined : new Date(ms).toISOString()
}

function withTimes(filter: Filter, from: string | undefined, to: string | undefined): Filter {
  const { from: _from, to: _to, ...narrow } = filter.narrow
  return { ...filter, narrow: { ...narrow, ...(from !== undefined && { from }), ...(to !== undefined && { to }) } }
}
