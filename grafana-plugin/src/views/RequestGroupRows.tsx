import type { RequestRow as Row } from '@vividly/tracker-api/contract'
import { useRef } from 'react'

import { formatCount } from '../text/locale.ts'
import { t } from '../text/t.ts'
import type { RequestGroup } from './arrangeRequests.ts'
import { RequestRow } from './RequestRow.tsx'
import { stageLook } from './stages.ts'
import { useRowVirtualizer } from './useRowVirtualizer.ts'

type Props = {
  group: RequestGroup
  /** Rows that are listed; the others wait behind a button. */
  limit: number
  withHeads: boolean
  openId: string | undefined
  nowMs: number
  openBreakers: ReadonlySet<string>
  compact: boolean
  onOpen: (id: string) => void
  onMore: () => void
}

/** A group of the list. Only rows near what is seen are in the document, so that 10,000 cost no more than 30. */
export function RequestGroupRows({ group, limit, withHeads, openId, nowMs, openBreakers, compact, onOpen, onMore }: Props) {
  const list = useRef<HTMLUListElement>(null)
  const { rows } = group
  const count = Math.min(limit, rows.length)
  const { items, measure, before, after } = useRowVirtualizer(list, count, (index) => rows[index]?.id ?? index, compact)
  const hidden = rows.length - count
  const titleId = `vt-group-${group.key}`
  return (
    <div className={`vt-group vt-group--${group.key}`}>
      <div className="vt-group__head">
        <h3 id={titleId} className="vt-group__title">
          {t(group.title)} <span className="vt-group__count vt-num">{formatCount(rows.length)}</span>
        </h3>
        {withHeads && <StageHeads rows={rows} />}
      </div>
      <ul ref={list} className="vt-group__rows" aria-labelledby={titleId} style={{ paddingBlock: `${before}px ${after}px` }}>
        {items.map(({ index, key }) => {
          const row = rows[index]
          return (
            row && (
              <RequestRow
                key={key}
                measure={measure}
                index={index}
                count={count}
                row={row}
                open={isOpen(row, openId)}
                nowMs={nowMs}
                openBreakers={openBreakers}
                onOpen={onOpen}
              />
            )
          )
        })}
      </ul>
      {hidden > 0 && (
        <button type="button" className="vt-group__more" onClick={onMore}>
          {t('{count} more', { count: formatCount(hidden) })}
        </button>
      )}
    </div>
  )
}

/** The stages' names above their pills, where all rows have the same stages. */
function StageHeads({ rows }: { rows: readonly Row[] }) {
  const names = rows[0]?.stages.map((stage) => stage.name) ?? []
  // No array is made for any of 10,000 rows.
  if (!rows.every(({ stages }) => stages.length === names.length && stages.every(({ name }, index) => name === names[index]))) return null
  return (
    <div className="vt-heads" aria-hidden="true">
      {names.map((name) => (
        <span key={name}>{stageLook(name).short}</span>
      ))}
    </div>
  )
}

function isOpen(row: Row, openId: string | undefined): boolean {
  return openId !== undefined && (row.correlation_id === openId || row.id === openId || row.trace_id === openId)
}
