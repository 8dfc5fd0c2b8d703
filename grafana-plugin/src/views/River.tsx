import { useContext, useEffect, useMemo, useState } from 'react'

import type { LiveData } from '../client/liveData.ts'
import { formatCount } from '../text/locale.ts'
import { t } from '../text/t.ts'
import { createFlowMeter } from './createFlowMeter.ts'
import { NO_FILTER } from './filter.ts'
import { formatDuration, formatRough } from './formatDuration.ts'
import { Icon } from './Icon.tsx'
import { openBreakers } from './openBreakers.ts'
import { NavigationContext, PlaceLink } from './PlaceLink.tsx'
import { useLocalNow, useServerNow } from './serverClock.ts'
import { DEFAULT_STAGE_NAMES, stageLook } from './stages.ts'
import { STATES } from './states.ts'
import { toLanes } from './toLanes.ts'
import type { Lane } from './toLanes.ts'
import './River.css'

/** Worst first, as far as there is room. */
const AILMENTS = ['stalled', 'held', 'late', 'retrying'] as const

/** The way of all requests in flight, a lane a stage: how many are in each, how old, and how fast they go on. */
export function River({ data }: { data: Pick<LiveData, 'requests' | 'breakers'> }) {
  const { requests, breakers } = data
  const nowMs = useServerNow()
  const localMs = useLocalNow()
  const [meter] = useState(createFlowMeter)
  useEffect(() => meter.observe(requests, Date.now()), [meter, requests])
  const open = openBreakers(breakers)
  const lanes = useMemo(() => toLanes(requests.values(), DEFAULT_STAGE_NAMES, nowMs, open), [requests, nowMs, open])
  const most = Math.max(1, ...lanes.map(({ count }) => count))
  return (
    <section aria-labelledby="vt-river-title">
      <h2 id="vt-river-title" className="vt-section-title vt-river__title">
        {t('In flight by stage')}
      </h2>
      <ol className="vt-river">
        {lanes.map((lane, index) => (
          <li key={lane.stage ?? ''} className="vt-river__lane">
            <LaneLink lane={lane} fullness={lane.count / most} />
            {index < lanes.length - 1 && <Flow perMinute={meter.perMinute(lane.stage ?? '', localMs)} />}
          </li>
        ))}
      </ol>
    </section>
  )
}

function LaneLink({ lane, fullness }: { lane: Lane; fullness: number }) {
  const { place } = useContext(NavigationContext)
  const { stage, count } = lane
  const look = stage === undefined ? { label: t('Waiting'), short: t('Waiting'), icon: 'ring' as const } : stageLook(stage)
  const filter = stage === undefined ? { ...NO_FILTER, status: 'waiting' as const } : { ...NO_FILTER, status: 'active' as const, narrow: { stage } }
  const isCurrent = stage === undefined ? place.filter.status === 'waiting' : place.filter.narrow.stage === stage
  return (
    <PlaceLink to={{ ...place, filter: isCurrent ? NO_FILTER : filter }} className={`vt-lane vt-tone-${levelTone(lane)}`} current={isCurrent}>
      {count > 0 && <span className="vt-lane__level" style={{ height: `${fullness * 100}%` }} aria-hidden="true" />}
      <span className="vt-lane__name" title={look.label}>
        <Icon name={look.icon} size={14} />
        <bdi className="vt-lane__long">{look.label}</bdi>
        <bdi className="vt-lane__short" aria-hidden="true">
          {look.short}
        </bdi>
      </span>
      <span className="vt-lane__count vt-num">{formatCount(count)}</span>
      <Ages lane={lane} />
      <span className="vt-lane__ails vt-num">
        {AILMENTS.map((name) =>
          lane[name] > 0 ? (
            <span key={name} className={`vt-tone-${STATES[name].tone} vt-lane__ail`}>
              <Icon name={STATES[name].shape} size={12} />
              <span>
                {formatCount(lane[name])} <span className="vt-lane__word">{t(STATES[name].word)}</span>
              </span>
            </span>
          ) : null,
        )}
      </span>
    </PlaceLink>
  )
}

function Ages({ lane: { medianAgeMs, oldestAgeMs } }: { lane: Lane }) {
  if (oldestAgeMs === undefined) return <span className="vt-lane__ages">{t('empty')}</span>
  const exact = t('median {median}, oldest {oldest}', { median: formatDuration(medianAgeMs ?? 0), oldest: formatDuration(oldestAgeMs) })
  return (
    <span className="vt-lane__ages vt-num" title={exact}>
      <span className="vt-lane__median">{t('median {time}', { time: formatRough(medianAgeMs ?? 0) })}</span>{' '}
      <span>{t('oldest {time}', { time: formatRough(oldestAgeMs) })}</span>
    </span>
  )
}

/** Thicker where more go on, on a scale of roots: 1 a minute is seen beside 1,000. */
function Flow({ perMinute }: { perMinute: number | undefined }) {
  const rounded = perMinute === undefined ? undefined : Math.round(perMinute)
  const thickness = Math.min(16, Math.max(1, Math.sqrt(perMinute ?? 0) * 1.5))
  return (
    <span className="vt-flow" title={t('Requests that went on in the last minute')}>
      <span className="vt-flow__line" style={{ height: `${thickness}px` }} aria-hidden="true" />
      <span className="vt-flow__rate vt-num">{rounded === undefined ? '' : t('{count}/min', { count: formatCount(rounded) })}</span>
    </span>
  )
}

function levelTone({ stalled, late, retrying, held }: Lane): 'danger' | 'warning' | 'info' {
  if (stalled > 0) return 'danger'
  return late + retrying + held > 0 ? 'warning' : 'info'
}
