import { useContext } from 'react'

import { msg, t } from '../text/t.ts'
import { CopyButton } from './CopyButton.tsx'
import { NARROWINGS, withFixedTimes } from './filter.ts'
import type { Filter, Narrowing } from './filter.ts'
import { formatAgo, formatClock } from './formatTime.ts'
import { Icon } from './Icon.tsx'
import { parseMoment } from './parseMoment.ts'
import { NavigationContext, PlaceLink } from './PlaceLink.tsx'
import { useServerNow } from './serverClock.ts'
import { stageLook } from './stages.ts'
import { SurroundingsContext } from './surroundings.ts'
import './FilterChips.css'

const NAMES: Record<Narrowing, string> = {
  stage: msg('Stage'),
  organization: msg('Organization'),
  student: msg('Student'),
  breaker: msg('Stopped by'),
  error_type: msg('Error'),
  from: msg('Created since'),
  to: msg('Created before'),
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
    <ul className="vt-chips" aria-label={t('Narrowed to')}>
      {named.map((name) => (
        <li key={name}>
          <PlaceLink to={{ ...place, filter: without(place.filter, name) }} className="vt-chip" title={t('Take away')}>
            <span className="vt-muted">{t(NAMES[name])}</span> <bdi><Value name={name} value={narrow[name] ?? ''} /></bdi>
            <Icon name="close" size={12} />
          </PlaceLink>
        </li>
      ))}
      <li>
        <CopyButton
          text={new URL(hrefOf(withFixedTimes(place, nowMs)), window.location.href).href}
          label={t('Copy a link to this list, its times fixed')}
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
  return atMs === undefined ? value : `${formatClock(atMs, nowMs)} · ${formatAgo(atMs, nowMs)}`
}

function without(filter: Filter, name: Narrowing): Filter {
  const { [name]: _, ...narrow } = filter.narrow
  return { ...filter, narrow }
}
