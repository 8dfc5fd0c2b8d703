import { Hono } from 'hono'
import { findSpans } from '../store/findSpans.ts'
import type { Pool } from '../store/Pool.ts'
import { jsonResponse } from './jsonResponse.ts'
import { parseQuery } from './parseQuery.ts'
import { problemResponse } from './problem.ts'
import { isSpelling, requestQuery, unknownRequest } from './requestSpelling.ts'

/** `GET /requests/{id}/spans`: what a waterfall is drawn from. */
export function requestSpansRoute({ read }: { read: Pool }): Hono {
  return new Hono().get('/requests/:id/spans', async (c) => {
    const asked = parseQuery(c.req.url, requestQuery)
    if ('mistake' in asked) return problemResponse(400, asked.mistake)
    const spelling = c.req.param('id')
    const spans = isSpelling(spelling) ? await findSpans(read, spelling, asked.value.organization) : undefined
    return spans === undefined ? problemResponse(404, unknownRequest) : jsonResponse(spans)
  })
}
