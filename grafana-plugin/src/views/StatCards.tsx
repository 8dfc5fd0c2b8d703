import { useContext } from 'react'

import type { Stats } from '../client/liveData.ts'
import type { Filter } from './filter.ts'
import { formatDuration, formatExactMs } from './formatDuration.ts'
import { Icon } from './Icon.tsx'
import { NavigationContext, PlaceLink } from './PlaceLink.tsx'
import { STATES } from './states.ts'
import type { StateLook } from './states.ts'
import './StatCards.css'

type CardProps = { label: string; value: string; meaning: string; look?: StateLook; filter: Filter; title?: string }

/** Four numbers; each links to the list of exactly the requests it counts. */
export function StatCards({ stats }: { stats: Stats | undefined }) {
  const ended = stats ? stats.completed_today + stats.failed_today : 0
  const average = stats?.average_duration_seconds ?? undefined
  return (
    <ul className="vt-cards" aria-label="Today">
      <Card
        label="Active"
        value={count(stats?.active)}
        meaning={stats ? `${count(stats.pending)} waiting to start` : ' '}
        look={STATES.running}
        filter={{ status: 'active', endedToday: false, text: '' }}
      />
      <Card
        label="Completed today"
        value={count(stats?.completed_today)}
        meaning={endedClause(stats, stats?.success_rate ?? undefined, ended)}
        look={STATES.done}
        filter={{ status: 'done', endedToday: true, text: '' }}
      />
      <Card
        label="Failed today"
        value={count(stats?.failed_today)}
        meaning={endedClause(stats, stats?.success_rate == null ? undefined : 1 - stats.success_rate, ended)}
        look={stats && stats.failed_today > 0 ? STATES.failed : { ...STATES.failed, tone: 'neutral' }}
        filter={{ status: 'failed', endedToday: true, text: '' }}
      />
      <Card
        label="Average duration"
        value={average === undefined ? '–' : formatDuration(average * 1000)}
        meaning={average === undefined ? 'none done today' : 'of those done today'}
        filter={{ status: 'done', endedToday: true, text: '' }}
        {...(average !== undefined && { title: formatExactMs(average * 1000) })}
      />
    </ul>
  )
}

function Card({ label, value, meaning, look, filter, title }: CardProps) {
  const { place } = useContext(NavigationContext)
  const current = place.filter.status === filter.status && place.filter.endedToday === filter.endedToday
  return (
    <li>
      <PlaceLink to={{ ...place, filter }} className="vt-card" current={current && label !== 'Average duration'}>
        <span className="vt-card__label">
          {label}
          {look && (
            <span className={`vt-tone-${look.tone}`}>
              <Icon name={look.shape} />
            </span>
          )}
        </span>
        <span className="vt-card__value vt-num" title={title}>
          {value}
        </span>
        <span className="vt-card__meaning vt-num">{meaning}</span>
      </PlaceLink>
    </li>
  )
}

function count(value: number | undefined): string {
  return value === undefined ? '–' : value.toLocaleString('en-US')
}

function endedClause(stats: Stats | undefined, ratio: number | undefined, ended: number): string {
  if (!stats) return ' '
  if (ratio === undefined) return 'none has ended today'
  return `${formatPercent(ratio)} of the ${count(ended)} that ended`
}

/** Never rounded to all or nothing: "99.9 %" of a thousand is not "100 %". */
export function formatPercent(ratio: number): string {
  const percent = ratio * 100
  if (percent > 0 && percent < 1) return `${Math.max(0.1, Math.floor(percent * 10) / 10)} %`
  if (percent < 100 && percent > 99) return `${Math.min(99.9, Math.ceil(percent * 10) / 10)} %`
  return `${Math.round(percent)} %`
}
