import { Hono } from 'hono'
import { findRequests } from '../store/findRequests.ts'
import type { Pool } from '../store/Pool.ts'
import { jsonResponse } from './jsonResponse.ts'
import { parseQuery } from './parseQuery.ts'
import { problemResponse } from './problem.ts'
import { condition, cursorOf, limit, moment, name, searchText, statuses, timePosition, writeCursor } from './queryFields.ts'

export const requestsQuery = {
  status: statuses.optional(),
  organization: name.optional(),
  student: name.optional(),
  stage: name.optional(),
  condition: condition.optional(),
  error_type: name.optional(),
  breaker: name.optional(),
  q: searchText.optional(),
  from: moment.optional(),
  to: moment.optional(),
  limit: limit(50, 200),
  cursor: cursorOf(timePosition).optional(),
}

/** `GET /requests`: requests newest first, filtered and in pages. */
export function requestsRoute({ read }: { read: Pool }): Hono {
  return new Hono().get('/requests', async (c) => {
    const asked = parseQuery(c.req.url, requestsQuery, ['status'])
    if ('mistake' in asked) return problemResponse(400, asked.mistake)
    const { status, organization, student, stage, condition, error_type, breaker, q, from, to, limit, cursor } = asked.value
    const page = await findRequests(
      read,
      {
        ...(status && { statuses: status }),
        ...(organization !== undefined && { organization }),
        ...(student !== undefined && { student }),
        ...(stage !== undefined && { stage }),
        ...(condition && { condition }),
        ...(error_type !== undefined && { errorType: error_type }),
        ...(breaker !== undefined && { breaker }),
        ...(q && { text: q }),
        ...(from !== undefined && { fromUs: from }),
        ...(to !== undefined && { toUs: to }),
      },
      limit,
      cursor && { createdUs: cursor[0], id: cursor[1] },
    )
    const next = page.next ? JSON.stringify(writeCursor([page.next.createdUs, page.next.id])) : 'null'
    return jsonResponse(
      `{"items":${page.items},"next_cursor":${next},"stream_cursor":${JSON.stringify(page.streamCursor)}}`,
    )
  })
}
