import type { RequestRow } from '@vividly/tracker-api/contract'
import { useContext, useMemo } from 'react'

import { isEnded } from '../client/requestPhase.ts'
import { formatCount } from '../text/locale.ts'
import { msg, t } from '../text/t.ts'
import type { StatusFilter } from './filter.ts'
import { filtersOf, STATUS_FILTERS } from './filter.ts'
import { NavigationContext, PlaceLink } from './PlaceLink.tsx'
import { requestState } from './states.ts'
import './FilterTabs.css'

const LABELS: Record<StatusFilter, string> = {
  all: msg('All'),
  active: msg('In flight'),
  waiting: msg('Waiting'),
  running: msg('Running'),
  retrying: msg('Retrying'),
  held: msg('Held'),
  late: msg('Late'),
  stalled: msg('Stalled'),
  failed: msg('Failed'),
  done: msg('Done'),
  cancelled: msg('Cancelled'),
}
/** Only what is in flight is here in full; a count of ended ones would say less than it seems to. */
const COUNTED = new Set<StatusFilter>(['active', 'waiting', 'running', 'retrying', 'held', 'late', 'stalled'])

type Props = { requests: ReadonlyMap<string, RequestRow>; nowMs: number; open: ReadonlySet<string> }

export function FilterTabs({ requests, nowMs, open }: Props) {
  const { place } = useContext(NavigationContext)
  const counts = useMemo(() => countStates(requests.values(), nowMs, open), [requests, nowMs, open])
  return (
    <nav className="vt-tabs" aria-label={t('Filter by status')}>
      {STATUS_FILTERS.map((status) => (
        <PlaceLink
          key={status}
          className="vt-tab"
          current={place.filter.status === status}
          to={{ ...place, filter: { ...place.filter, status, endedToday: false } }}
        >
          {t(LABELS[status])}
          {place.filter.status === status && place.filter.endedToday && t(' today')}
          {COUNTED.has(status) && <span className="vt-tab__count vt-num">{formatCount(counts.get(status) ?? 0)}</span>}
        </PlaceLink>
      ))}
    </nav>
  )
}

function countStates(rows: Iterable<RequestRow>, nowMs: number, open: ReadonlySet<string>): Map<string, number> {
  const counts = new Map<string, number>()
  for (const row of rows) {
    if (isEnded(row.status)) continue
    for (const name of ['active', ...filtersOf(requestState(row, nowMs, open))]) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}
