import { matchingRequests } from './matchingRequests.ts'
import type { Pool } from './Pool.ts'
import { readRow } from './read.ts'
import type { RequestFilter } from './RequestFilter.ts'
import { requestRowJson } from './requestJson.ts'

/** Where a list goes on: behind this request. */
export type ListPosition = { createdUs: number; id: string }

export type RequestPage = {
  /** JSON text: an array of the contract's `requestRow`, newest first. */
  items: string
  /** Undefined on the last page. */
  next: ListPosition | undefined
  streamCursor: string
}

type Row = { items: string; next: { created_us: number; id: string } | null; stream_cursor: string }

/** A page of requests, newest first. Pages by position, so that new requests move nothing from page to page. */
export async function findRequests(
  pool: Pool,
  filter: RequestFilter,
  limit: number,
  after?: ListPosition,
): Promise<RequestPage> {
  const row = await readRow<Row>(
    pool,
    'listing requests',
    (sql) => sql`
      with page as materialized (
        select r.*, row_number() over (order by r.created_at desc, r.id desc) as place
        from (${matchingRequests(sql, filter, limit + 1, after)}) r
      )
      select
        coalesce(
          (
            select json_agg(${requestRowJson(sql)} order by r.place)
            from page r
            where r.place <= ${limit}::integer
          ),
          '[]'
        )::text as items,
        (
          select json_build_object('created_us', epoch_us(r.created_at), 'id', r.id)
          from page r
          where r.place = ${limit}::integer and (select max(place) from page) > ${limit}::integer
        ) as next,
        stream_cursor() as stream_cursor`,
  )
  return {
    items: row.items,
    next: row.next === null ? undefined : { createdUs: row.next.created_us, id: row.next.id },
    streamCursor: row.stream_cursor,
  }
}
