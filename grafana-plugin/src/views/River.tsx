import type { RequestRow } from '@vividly/tracker-api/contract'
import { useContext, useEffect, useMemo, useState } from 'react'

import { createFlowMeter } from './createFlowMeter.ts'
import { NO_FILTER } from './filter.ts'
import { formatDuration } from './formatDuration.ts'
import { Icon } from './Icon.tsx'
import { NavigationContext, PlaceLink } from './PlaceLink.tsx'
import { useLocalNow, useServerNow } from './serverClock.ts'
import { DEFAULT_STAGE_NAMES, stageLook } from './stages.ts'
import { STATES } from './states.ts'
import { toLanes } from './toLanes.ts'
import type { Lane } from './toLanes.ts'
import './River.css'

/** The way of all requests in flight, a lane a stage: how many are in each, how old, and how fast they go on. */
export function River({ requests }: { requests: ReadonlyMap<string, RequestRow> }) {
  const nowMs = useServerNow()
  const localMs = useLocalNow()
  const [meter] = useState(createFlowMeter)
  useEffect(() => meter.observe(requests, Date.now()), [meter, requests])
  const lanes = useMemo(() => toLanes(requests.values(), DEFAULT_STAGE_NAMES, nowMs), [requests, nowMs])
  const most = Math.max(1, ...lanes.map(({ count }) => count))
  return (
    <section aria-labelledby="vt-river-title">
      <h2 id="vt-river-title" className="vt-section-title vt-river__title">
        In flight by stage
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
  const look = stage === undefined ? { label: 'Waiting', short: 'Waiting', icon: 'ring' as const } : stageLook(stage)
  const filter = stage === undefined ? { ...NO_FILTER, status: 'waiting' as const } : { ...NO_FILTER, status: 'active' as const, narrow: { stage } }
  const isCurrent = stage === undefined ? place.filter.status === 'waiting' : place.filter.narrow.stage === stage
  return (
    <PlaceLink to={{ ...place, filter: isCurrent ? NO_FILTER : filter }} className="vt-lane" current={isCurrent}>
      {count > 0 && (
        <span className={`vt-lane__level vt-tone-${levelTone(lane)}`} style={{ height: `${fullness * 100}%` }} aria-hidden="true" />
      )}
      <span className="vt-lane__name">
        <Icon name={look.icon} size={14} />
        <bdi className="vt-lane__long">{look.label}</bdi>
        <bdi className="vt-lane__short" aria-hidden="true">
          {look.short}
        </bdi>
      </span>
      <span className="vt-lane__count vt-num">{count.toLocaleString('en-US')}</span>
      <span className="vt-lane__ages vt-num">
        {lane.oldestAgeMs === undefined ? (
          'empty'
        ) : (
          <>
            <span>median {formatDuration(lane.medianAgeMs ?? 0)}</span> <span>oldest {formatDuration(lane.oldestAgeMs)}</span>
          </>
        )}
      </span>
      <span className="vt-lane__ails vt-num">
        {(['stalled', 'late', 'retrying'] as const).map((name) =>
          lane[name] > 0 ? (
            <span key={name} className={`vt-tone-${STATES[name].tone} vt-lane__ail`}>
              <Icon name={STATES[name].shape} size={12} />
              {lane[name].toLocaleString('en-US')} {STATES[name].word}
            </span>
          ) : null,
        )}
      </span>
    </PlaceLink>
  )
}

/** Thicker where more go on, on a scale of roots: 1 a minute is seen beside 1,000. */
function Flow({ perMinute }: { perMinute: number | undefined }) {
  const rounded = perMinute === undefined ? undefined : Math.round(perMinute)
  const thickness = Math.min(16, Math.max(1, Math.sqrt(perMinute ?? 0) * 1.5))
  return (
    <span className="vt-flow" title="Requests that went on in the last minute">
      <span className="vt-flow__line" style={{ height: `${thickness}px` }} aria-hidden="true" />
      <span className="vt-flow__rate vt-num">{rounded === undefined ? '' : `${rounded.toLocaleString('en-US')}/min`}</span>
    </span>
  )
}

function levelTone({ stalled, late, retrying }: Lane): 'danger' | 'warning' | 'info' {
  if (stalled > 0) return 'danger'
  return late + retrying > 0 ? 'warning' : 'info'
}
