import { Hono } from 'hono'
import { findRequests } from '../store/findRequests.ts'
import type { Pool } from '../store/Pool.ts'
import { seesNames } from './access/accessOf.ts'
import { jsonResponse } from './jsonResponse.ts'
import { parseQuery } from './parseQuery.ts'
import { problemResponse } from './problem.ts'
import { cursorOf, limit, timePosition, writeCursor } from './queryFields.ts'
import { requestFilterQuery, toRequestFilter } from './requestFilterQuery.ts'

export const requestsQuery = {
  ...requestFilterQuery,
  limit: limit(50, 200),
  cursor: cursorOf(timePosition).optional(),
}

/** `GET /requests`: requests newest first, filtered and in pages. */
export function requestsRoute({ read }: { read: Pool }): Hono {
  return new Hono().get('/requests', async (c) => {
    const asked = parseQuery(c.req.url, requestsQuery, ['status'])
    if ('mistake' in asked) return problemResponse(400, asked.mistake)
    const { limit, cursor, ...filter } = asked.value
    const page = await findRequests(read, toRequestFilter(filter, seesNames(c)), limit, cursor && { createdUs: cursor[0], id: cursor[1] })
    const next = page.next ? JSON.stringify(writeCursor([page.next.createdUs, page.next.id])) : 'null'
    return jsonResponse(
      `{"items":${page.items},"next_cursor":${next},"stream_cursor":${JSON.stringify(page.streamCursor)}}`,
    )
  })
}
