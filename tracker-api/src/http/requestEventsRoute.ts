import { Hono } from 'hono'
import { findEvents } from '../store/findEvents.ts'
import type { Pool } from '../store/Pool.ts'
import { jsonResponse } from './jsonResponse.ts'
import { parseQuery } from './parseQuery.ts'
import { problemResponse } from './problem.ts'
import { cursorOf, limit, name, names, severities, timePosition, writeCursor } from './queryFields.ts'
import { isSpelling, requestQuery, unknownRequest } from './requestSpelling.ts'

export const requestEventsQuery = {
  ...requestQuery,
  severity: severities.optional(),
  type: names.optional(),
  stage: name.optional(),
  limit: limit(100, 1_000),
  cursor: cursorOf(timePosition).optional(),
}

/** `GET /requests/{id}/events`: what happened to one request, oldest first, filtered and in pages. */
export function requestEventsRoute({ read }: { read: Pool }): Hono {
  return new Hono().get('/requests/:id/events', async (c) => {
    const asked = parseQuery(c.req.url, requestEventsQuery, ['severity', 'type'])
    if ('mistake' in asked) return problemResponse(400, asked.mistake)
    const { severity, type, stage, limit, cursor, organization } = asked.value
    const spelling = c.req.param('id')
    if (!isSpelling(spelling)) return problemResponse(404, unknownRequest)
    const page = await findEvents(
      read,
      spelling,
      {
        ...(severity && { severities: severity }),
        ...(type && { types: type }),
        ...(stage !== undefined && { stage }),
        ...(organization !== undefined && { organization }),
      },
      limit,
      cursor && { createdUs: cursor[0], id: cursor[1] },
    )
    if (page === undefined) return problemResponse(404, unknownRequest)
    const next = page.next ? JSON.stringify(writeCursor([page.next.createdUs, page.next.id])) : 'null'
    return jsonResponse(`{"items":${page.items},"next_cursor":${next}}`)
  })
}
