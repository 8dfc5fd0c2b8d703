import { useContext } from 'react'

import { CopyButton } from './CopyButton.tsx'
import { NARROWINGS, withFixedTimes } from './filter.ts'
import type { Filter, Narrowing } from './filter.ts'
import { formatClock } from './formatTime.ts'
import { Icon } from './Icon.tsx'
import { parseMoment } from './parseMoment.ts'
import { NavigationContext, PlaceLink } from './PlaceLink.tsx'
import { useServerNow } from './serverClock.ts'
import { stageLook } from './stages.ts'
import { SurroundingsContext } from './surroundings.ts'
import './FilterChips.css'

const NAMES: Record<Narrowing, string> = {
  stage: 'Stage',
  organization: 'Organization',
  student: 'Student',
  breaker: 'Stopped by',
  error_type: 'Error',
  from: 'Created since',
  to: 'Created before',
}

/** What narrows the list beside its status and search; each is taken away by a click. */
export function FilterChips() {
  const { place } = useContext(NavigationContext)
  const { hrefOf } = useContext(SurroundingsContext)
  const nowMs = useServerNow()
  const { narrow } = place.filter
  const named = NARROWINGS.filter((name) => narrow[name] !== undefined)
  if (named.length === 0) return null
  return (
    <ul className="vt-chips" aria-label="Narrowed to">
      {named.map((name) => (
        <li key={name}>
          <PlaceLink to={{ ...place, filter: without(place.filter, name) }} className="vt-chip" title="Take away">
            <span className="vt-muted">{NAMES[name]}</span> <bdi><Value name={name} value={narrow[name] ?? ''} /></bdi>
            <Icon name="close" size={12} />
          </PlaceLink>
        </li>
      ))}
      <li>
        <CopyButton
          text={new URL(hrefOf(withFixedTimes(place, nowMs)), window.location.href).href}
          label="Copy a link to this list, its times fixed"
          icon="link"
        />
      </li>
    </ul>
  )
}

function Value({ name, value }: { name: Narrowing; value: string }) {
  const nowMs = useServerNow()
  if (name === 'stage') return stageLook(value).label
  const atMs = name === 'from' || name === 'to' ? parseMoment(value, nowMs) : undefined
  return atMs === undefined ? value : formatClock(atMs, nowMs)
}

function without(filter: Filter, name: Narrowing): Filter {
  const { [name]: _, ...narrow } = filter.narrow
  return { ...filter, narrow }
}
