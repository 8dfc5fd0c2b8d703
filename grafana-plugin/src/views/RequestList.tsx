import type { RequestRow as Row } from '@vividly/tracker-api/contract'
import { useCallback, useContext, useMemo, useRef, useState } from 'react'

import type { LiveState } from '../client/liveClient.ts'
import { formatCount } from '../text/locale.ts'
import { t } from '../text/t.ts'
import { arrangeRequests, holdArrangement } from './arrangeRequests.ts'
import type { RequestGroup } from './arrangeRequests.ts'
import { NoMatch, NoRequest, NotReachable, Reading } from './EmptyStates.tsx'
import { isWholeFilter, matchesFilter } from './filter.ts'
import { FilterChips } from './FilterChips.tsx'
import { FilterTabs } from './FilterTabs.tsx'
import { openBreakers } from './openBreakers.ts'
import { MatchCount } from './MatchCount.tsx'
import { NavigationContext } from './PlaceLink.tsx'
import { RequestGroupRows } from './RequestGroupRows.tsx'
import { SavedViews } from './SavedViews.tsx'
import { useServerNow } from './serverClock.ts'
import { TimeRange } from './TimeRange.tsx'
import { useDensity } from './useDensity.ts'
import type { Found } from './useFound.ts'
import './RequestList.css'

const FAILED_AT_FIRST = 5
const MORE_FAILED = 100
const ARRANGE_INTERVAL_MS = 10_000

type Props = { live: LiveState; found: Found; onRetry: () => void }

/** The requests that match the filter; while the pointer or the focus is among them, none of them moves. */
export function RequestList({ live, found, onRetry }: Props) {
  const { place, go } = useContext(NavigationContext)
  // Rows change their group or leave the day only rarely: not each second is worth a sort.
  const nowMs = Math.floor(useServerNow() / ARRANGE_INTERVAL_MS) * ARRANGE_INTERVAL_MS
  const [held, setHeld] = useState<{ groups: RequestGroup[]; filterKey: string }>()
  const [failedLimit, setFailedLimit] = useState(FAILED_AT_FIRST)
  const section = useRef<HTMLElement>(null)
  const [density, setDensity] = useDensity()
  const compact = density === 'compact'
  const stopping = openBreakers(live.data.breakers)

  const rows = useMemo(() => {
    const matching = new Map<string, Row>()
    for (const row of live.data.requests.values()) {
      if (matchesFilter(row, place.filter, found.ids, nowMs, stopping)) matching.set(row.id, row)
    }
    return matching
  }, [live.data.requests, place.filter, found.ids, nowMs, stopping])
  const arranged = useMemo(() => arrangeRequests([...rows.values()], nowMs, place.filter.oldestFirst), [rows, nowMs, place.filter.oldestFirst])
  const isWhole = isWholeFilter(place.filter)
  const filterKey = JSON.stringify(place.filter)
  const isHeld = held !== undefined && held.filterKey === filterKey
  const { groups, fresh } = isHeld
    ? holdArrangement(held.groups, rows)
    : { groups: arranged, fresh: 0 }

  const hold = () => setHeld((before) => (before?.filterKey === filterKey ? before : { groups, filterKey }))
  const release = () => {
    if (section.current?.matches(':hover') || section.current?.contains(document.activeElement)) return
    setHeld(undefined)
  }
  const open = useCallback((requestId: string) => go({ ...place, requestId }), [place, go])

  return (
    <section className={`vt-list${compact ? ' vt-list--compact' : ''}`} aria-labelledby="vt-list-title" aria-busy={!live.loaded || found.busy}>
      <div className="vt-list__head">
        <h2 id="vt-list-title" className="vt-section-title">
          {t('Requests')}
          {!isWhole && (
            <span className="vt-list__count vt-num"> {formatCount(rows.size)}</span>
          )}
        </h2>
        <FilterTabs requests={live.data.requests} nowMs={nowMs} open={stopping} />
        <div className="vt-list__tools">
          <TimeRange />
          <button type="button" className="vt-button" aria-pressed={compact} onClick={() => setDensity(compact ? 'comfortable' : 'compact')}>
            {t('Compact')}
          </button>
          <SavedViews />
        </div>
        {fresh > 0 && (
          <button type="button" className="vt-button vt-list__fresh vt-num" onClick={() => setHeld(undefined)}>
            {t('{count} new', { count: formatCount(fresh) })}
          </button>
        )}
      </div>
      <FilterChips />
      <MatchCount asked={isWhole ? undefined : filterKey} busy={!live.loaded || found.busy} count={rows.size} />
      <section
        ref={section}
        aria-label={t('List')}
        onPointerEnter={(event) => event.pointerType === 'mouse' && hold()}
        onPointerLeave={() => setTimeout(release)}
        onFocus={hold}
        onBlur={() => setTimeout(release)}
      >
        {rows.size === 0 ? (
          <Nothing live={live} found={found} onRetry={onRetry} />
        ) : (
          groups.map((group, index) => {
            const limit = group.key === 'failed' && isWhole ? failedLimit : group.rows.length
            return (
              <RequestGroupRows
                key={group.key}
                group={group}
                limit={limit}
                withHeads={index === 0}
                openId={place.requestId}
                nowMs={nowMs}
                openBreakers={stopping}
                compact={compact}
                onOpen={open}
                onMore={() => setFailedLimit(limit + MORE_FAILED)}
              />
            )
          })
        )}
        {found.more && (
          <p className="vt-list__note">{t('There are older ones that are not listed here. Search to narrow them down.')}</p>
        )}
        {found.error && <p className="vt-list__note vt-tone-danger">{t('Older requests could not be read: {error}', { error: found.error })}</p>}
      </section>
    </section>
  )
}

function Nothing({ live, found, onRetry }: Props) {
  const { place } = useContext(NavigationContext)
  if (!live.loaded) return live.connection.kind === 'stale' ? <NotReachable connection={live.connection} onRetry={onRetry} /> : <Reading />
  if (found.busy) return <Reading />
  return isWholeFilter(place.filter) ? <NoRequest /> : <NoMatch />
}
