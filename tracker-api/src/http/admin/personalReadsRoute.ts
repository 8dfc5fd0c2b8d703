import { Hono } from 'hono'
import { z } from 'zod'
import { listPersonalReads } from '../../store/access/personalReads.ts'
import type { Pool } from '../../store/Pool.ts'
import { organizationOf } from '../access/accessOf.ts'
import { jsonResponse } from '../jsonResponse.ts'
import { parseQuery } from '../parseQuery.ts'
import { problemResponse } from '../problem.ts'
import { limit, moment } from '../queryFields.ts'

export const personalReadsQuery = {
  token: z.guid('not a token’s ID').optional(),
  from: moment.optional(),
  to: moment.optional(),
  limit: limit(100, 1_000),
  cursor: z.string().regex(/^\d{1,15}$/, 'not a cursor of ours').transform(Number).optional(),
}

/** `GET /personal-reads`: who read names of students, newest first. */
export function personalReadsRoute({ admin }: { admin: Pool }): Hono {
  return new Hono()
    .get('/personal-reads', async (c) => {
      const asked = parseQuery(c.req.url, personalReadsQuery)
      if ('mistake' in asked) return problemResponse(400, asked.mistake)
      const { token, from, to, limit: rows, cursor } = asked.value
      const filter = { organization: organizationOf(c), token, fromUs: from, toUs: to, before: cursor, limit: rows }
      return jsonResponse(await listPersonalReads(admin, filter))
    })
    .all('/personal-reads', () => problemResponse(405, 'This is read with GET.', { headers: { allow: 'GET, HEAD' } }))
}
