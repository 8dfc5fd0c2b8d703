import { useContext } from 'react'

import type { Stats } from '../client/liveData.ts'
import { formatCount } from '../text/locale.ts'
import { msg, t } from '../text/t.ts'
import { hourOnHour } from './cardTrend.ts'
import type { Buckets, Figure } from './cardTrend.ts'
import { NO_FILTER, writePlace } from './filter.ts'
import type { Filter } from './filter.ts'
import { formatDuration, formatExactMs } from './formatDuration.ts'
import { Icon } from './Icon.tsx'
import { NavigationContext, PlaceLink } from './PlaceLink.tsx'
import { useServerNow } from './serverClock.ts'
import { Sparkline } from './Sparkline.tsx'
import { STATES } from './states.ts'
import type { StateLook } from './states.ts'
import './StatCards.css'

type CardProps = {
  label: string
  value: string
  meaning: string
  look?: StateLook
  filter: Filter
  title?: string
  buckets: Buckets | undefined
  figure: Figure
}

/** Four numbers; each links to the list of exactly the requests it counts. */
export function StatCards({ stats, buckets }: { stats: Stats | undefined; buckets: Buckets | undefined }) {
  const percentages = stats?.success_rate == null ? undefined : splitPercent(stats.success_rate)
  const average = stats?.average_duration_seconds ?? undefined
  return (
    <ul className="vt-cards" aria-label={t('Today')}>
      <Card
        label={msg('Active')}
        figure="total"
        buckets={buckets}
        value={count(stats?.active)}
        meaning={stats ? stats.pending === 0 ? t('none waiting to start') : t('{count} waiting to start', { count: formatCount(stats.pending) }) : ' '}
        look={STATES.running}
        filter={{ ...NO_FILTER, status: 'active', endedToday: false }}
      />
      <Card
        label={msg('Completed today')}
        figure="completed"
        buckets={buckets}
        value={count(stats?.completed_today)}
        meaning={rateClause(stats, percentages?.success, msg('{share} success rate'))}
        look={STATES.done}
        filter={{ ...NO_FILTER, status: 'done', endedToday: true }}
      />
      <Card
        label={msg('Failed today')}
        figure="failed"
        buckets={buckets}
        value={count(stats?.failed_today)}
        meaning={rateClause(stats, percentages?.failure, msg('{share} failure rate'))}
        look={stats && stats.failed_today > 0 ? STATES.failed : { ...STATES.failed, tone: 'neutral' }}
        filter={{ ...NO_FILTER, status: 'failed', endedToday: true }}
      />
      <Card
        label={msg('Average duration')}
        figure="average_duration_seconds"
        buckets={buckets}
        value={average === undefined ? '–' : formatDuration(average * 1000)}
        meaning={average === undefined ? t('none done today') : t('of those done today')}
        filter={{ ...NO_FILTER, status: 'done', endedToday: true }}
        {...(average !== undefined && { title: formatExactMs(average * 1000) })}
      />
    </ul>
  )
}

function Card({ label, value, meaning, look, filter, title, buckets, figure }: CardProps) {
  const { place } = useContext(NavigationContext)
  const { values, lastHour, yesterday } = hourOnHour(buckets, figure, useServerNow())
  const current = writePlace({ ...place, filter: { ...place.filter, text: '' } }) === writePlace({ ...place, filter })
  return (
    <li>
      <PlaceLink to={{ ...place, filter }} className="vt-card" current={current && label !== 'Average duration'}>
        <span className="vt-card__label">
          {t(label)}
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
        <Sparkline values={values} />
        <span className="vt-card__change vt-num" title={lastHour && t('The last whole hour, and the same one yesterday')}>
          {lastHour && <span>{t('{count} last hour', { count: lastHour })}</span>}
          {yesterday && <span> {t('{count} yesterday', { count: yesterday })}</span>}
        </span>
      </PlaceLink>
    </li>
  )
}

function count(value: number | undefined): string {
  return value === undefined ? '–' : formatCount(value)
}

function rateClause(stats: Stats | undefined, share: string | undefined, text: string): string {
  if (!stats) return ' '
  if (share === undefined) return t('none has ended today')
  return t(text, { share })
}

/** The two shares of a whole. They add up to 100, and neither is rounded to all or nothing. */
export function splitPercent(successRatio: number): { success: string; failure: string } {
  const exact = successRatio * 100
  const isNearEdge = (exact > 0 && exact < 1) || (exact > 99 && exact < 100)
  const success = isNearEdge ? Math.min(99.9, Math.max(0.1, Math.round(exact * 10) / 10)) : Math.round(exact)
  const failure = isNearEdge ? Math.round((100 - success) * 10) / 10 : 100 - success
  return { success: `${success} %`, failure: `${failure} %` }
}
