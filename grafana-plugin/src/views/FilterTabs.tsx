import type { RequestRow } from '@vividly/tracker-api/contract'
import { useContext } from 'react'

import { isEnded } from '../client/requestPhase.ts'
import type { StatusFilter } from './filter.ts'
import { STATUS_FILTERS } from './filter.ts'
import { NavigationContext, PlaceLink } from './PlaceLink.tsx'
import { requestState } from './states.ts'
import './FilterTabs.css'

const LABELS: Record<StatusFilter, string> = {
  all: 'All',
  active: 'In flight',
  waiting: 'Waiting',
  running: 'Running',
  retrying: 'Retrying',
  failed: 'Failed',
  done: 'Done',
  cancelled: 'Cancelled',
}
/** Only what is in flight is here in full; a count of ended ones would say less than it seems to. */
const COUNTED = new Set<StatusFilter>(['active', 'waiting', 'running', 'retrying'])

export function FilterTabs({ requests }: { requests: ReadonlyMap<string, RequestRow> }) {
  const { place } = useContext(NavigationContext)
  const counts = new Map<string, number>()
  for (const row of requests.values()) {
    if (isEnded(row.status)) continue
    for (const name of ['active', requestState(row)]) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return (
    <nav className="vt-tabs" aria-label="Filter by status">
      {STATUS_FILTERS.map((status) => (
        <PlaceLink
          key={status}
          className="vt-tab"
          current={place.filter.status === status}
          to={{ ...place, filter: { status, endedToday: false, text: place.filter.text } }}
        >
          {LABELS[status]}
          {place.filter.status === status && place.filter.endedToday && ' today'}
          {COUNTED.has(status) && <span className="vt-tab__count vt-num">{counts.get(status) ?? 0}</span>}
        </PlaceLink>
      ))}
    </nav>
  )
}
