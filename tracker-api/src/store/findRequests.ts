import { matchingRequests } from './matchingRequests.ts'
import type { Pool } from './Pool.ts'
import { readRows } from './read.ts'
import { readingContext, toReadingContext } from './readingContext.ts'
import { heardOfPage, requestColumns, stageStates, unheardOfPage } from './requestColumns.ts'
import type { RequestFilter } from './RequestFilter.ts'
import { toMs } from './timeText.ts'
import { toRequestRowJson } from './toRequestRow.ts'
import type { RowColumns } from './toRequestRow.ts'

/** Where a list goes on: behind this request. */
export type ListPosition = { createdUs: number; id: string }

export type RequestPage = {
  /** JSON text: an array of the contract's `requestRow`, newest first. */
  items: string
  /** Undefined on the last page. */
  next: ListPosition | undefined
  streamCursor: string
}

/** All null but the cursor where nothing matches; the context stands in the first row. */
type Row = RowColumns & { stream_cursor: string; context: string }

/** A page of requests, newest first. Pages by position, so that new requests move nothing from page to page. */
export async function findRequests(
  pool: Pool,
  filter: RequestFilter,
  limit: number,
  after?: ListPosition,
): Promise<RequestPage> {
  const rows = await readRows<Row | (Row & { id: null })>(
    pool,
    'listing requests',
    (sql) => sql`
      with page as materialized (
        select r.*, row_number() over (order by r.created_at desc, r.id desc) as place
        from (${matchingRequests(sql, filter, limit + 1, after)}) r
      ),
      unheard (ids) as materialized (${unheardOfPage(sql)})
      select ${requestColumns(sql, heardOfPage(sql))}, ${stageStates(sql)} as stages, (select stream_cursor()) as stream_cursor,
        case when r.place = 1 then (
          select ${readingContext(sql, sql`d.pipeline_name in (select p.pipeline_name from page p)`)}
        ) end as context
      from (values (true)) as always (here)
      left join page r on true
      order by r.place`,
  )
  const [first] = rows
  if (first === undefined) throw new Error('No row came while listing requests')
  if (first.id === null) return { items: '[]', next: undefined, streamCursor: first.stream_cursor }
  const context = toReadingContext(first.context)
  const shown = rows.slice(0, limit)
  const last = rows.length > limit ? shown.at(-1) : undefined
  return {
    items: `[${shown.map((row) => toRequestRowJson(row, context)).join(',')}]`,
    next: last && { createdUs: Math.round(toMs(last.created_at) * 1000), id: last.id },
    streamCursor: first.stream_cursor,
  }
}
