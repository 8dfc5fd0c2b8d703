import type { RequestRow as Row } from '@vividly/tracker-api/contract'
import { useCallback, useContext, useMemo, useRef, useState } from 'react'

import type { LiveState } from '../client/liveClient.ts'
import { arrangeRequests, holdArrangement } from './arrangeRequests.ts'
import type { RequestGroup } from './arrangeRequests.ts'
import { NoMatch, NoRequest, NotReachable, Reading } from './EmptyStates.tsx'
import { isWholeFilter, matchesFilter } from './filter.ts'
import { FilterChips } from './FilterChips.tsx'
import { FilterTabs } from './FilterTabs.tsx'
import { NavigationContext } from './PlaceLink.tsx'
import { RequestRow } from './RequestRow.tsx'
import { useServerNow } from './serverClock.ts'
import { stageLook } from './stages.ts'
import type { Found } from './useFound.ts'
import './RequestList.css'

const ROWS_AT_FIRST = 100
const FAILED_AT_FIRST = 5
const ARRANGE_INTERVAL_MS = 10_000

type Props = { live: LiveState; found: Found; onRetry: () => void }

/** The requests that match the filter; while the pointer or the focus is among them, none of them moves. */
export function RequestList({ live, found, onRetry }: Props) {
  const { place, go } = useContext(NavigationContext)
  // Rows change their group or leave the day only rarely: not each second is worth a sort.
  const nowMs = Math.floor(useServerNow() / ARRANGE_INTERVAL_MS) * ARRANGE_INTERVAL_MS
  const [held, setHeld] = useState<{ groups: RequestGroup[]; filterKey: string }>()
  const [more, setMore] = useState<Partial<Record<RequestGroup['key'], number>>>({})
  const section = useRef<HTMLElement>(null)

  const rows = useMemo(() => {
    const matching = new Map<string, Row>()
    for (const row of live.data.requests.values()) {
      if (matchesFilter(row, place.filter, found.ids, nowMs)) matching.set(row.id, row)
    }
    return matching
  }, [live.data.requests, place.filter, found.ids, nowMs])
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
    <section className="vt-list" aria-labelledby="vt-list-title" aria-busy={!live.loaded || found.busy}>
      <div className="vt-list__head">
        <h2 id="vt-list-title" className="vt-section-title">
          Requests
          {!isWhole && (
            <span className="vt-list__count vt-num"> {rows.size.toLocaleString('en-US')}</span>
          )}
        </h2>
        <FilterTabs requests={live.data.requests} nowMs={nowMs} />
        {fresh > 0 && (
          <button type="button" className="vt-button vt-list__fresh vt-num" onClick={() => setHeld(undefined)}>
            {fresh} new
          </button>
        )}
      </div>
      <FilterChips />
      <section
        ref={section}
        aria-label="List"
        onPointerEnter={(event) => event.pointerType === 'mouse' && hold()}
        onPointerLeave={() => setTimeout(release)}
        onFocus={hold}
        onBlur={() => setTimeout(release)}
      >
        {rows.size === 0 ? (
          <Nothing live={live} found={found} onRetry={onRetry} />
        ) : (
          groups.map((group, index) => {
            const limit = more[group.key] ?? (group.key === 'failed' && isWhole ? FAILED_AT_FIRST : ROWS_AT_FIRST)
            return (
              <Group
                key={group.key}
                group={group}
                limit={limit}
                withHeads={index === 0}
                openId={place.requestId}
                onOpen={open}
                onMore={() => setMore({ ...more, [group.key]: limit + ROWS_AT_FIRST })}
              />
            )
          })
        )}
        {found.more && (
          <p className="vt-list__note">There are older ones that are not listed here. Search to narrow them down.</p>
        )}
        {found.error && <p className="vt-list__note vt-tone-danger">Older requests could not be read: {found.error}</p>}
      </section>
    </section>
  )
}

type GroupProps = {
  group: RequestGroup
  limit: number
  withHeads: boolean
  openId: string | undefined
  onOpen: (id: string) => void
  onMore: () => void
}

function Group({ group, limit, withHeads, openId, onOpen, onMore }: GroupProps) {
  const hidden = group.rows.length - limit
  const titleId = `vt-group-${group.key}`
  return (
    <div className={`vt-group vt-group--${group.key}`}>
      <div className="vt-group__head">
        <h3 id={titleId} className="vt-group__title">
          {group.title} <span className="vt-group__count vt-num">{group.rows.length.toLocaleString('en-US')}</span>
        </h3>
        {withHeads && <StageHeads rows={group.rows} />}
      </div>
      <ul className="vt-group__rows" aria-labelledby={titleId}>
        {group.rows.slice(0, limit).map((row) => (
          <RequestRow key={row.id} row={row} open={isOpen(row, openId)} onOpen={onOpen} />
        ))}
      </ul>
      {hidden > 0 && (
        <button type="button" className="vt-group__more" onClick={onMore}>
          {hidden.toLocaleString('en-US')} more
        </button>
      )}
    </div>
  )
}

/** The stages' names above their pills, where all rows have the same stages. */
function StageHeads({ rows }: { rows: readonly Row[] }) {
  const names = rows[0]?.stages.map((stage) => stage.name) ?? []
  const key = names.join()
  if (!rows.every((row) => row.stages.map((stage) => stage.name).join() === key)) return null
  return (
    <div className="vt-heads" aria-hidden="true">
      {names.map((name) => (
        <span key={name}>{stageLook(name).short}</span>
      ))}
    </div>
  )
}

function Nothing({ live, found, onRetry }: Props) {
  const { place } = useContext(NavigationContext)
  if (!live.loaded) return live.connection.kind === 'stale' ? <NotReachable connection={live.connection} onRetry={onRetry} /> : <Reading />
  if (found.busy) return <Reading />
  return place.filter.status === 'all' && place.filter.text === '' ? <NoRequest /> : <NoMatch />
}

function isOpen(row: Row, openId: string | undefined): boolean {
  return openId !== undefined && (row.correlation_id === openId || row.id === openId || row.trace_id === openId)
}
