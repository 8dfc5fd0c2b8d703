import { Hono } from 'hono'
import { listOrganizations } from '../store/listOrganizations.ts'
import type { Pool } from '../store/Pool.ts'
import { jsonResponse } from './jsonResponse.ts'
import { parseQuery } from './parseQuery.ts'
import { problemResponse } from './problem.ts'
import { limit, name } from './queryFields.ts'

export const organizationsQuery = { organization: name.optional(), limit: limit(200, 1000) }

/** `GET /organizations`: those that have requests, by name. */
export function organizationsRoute({ read }: { read: Pool }): Hono {
  return new Hono().get('/organizations', async (c) => {
    const asked = parseQuery(c.req.url, organizationsQuery)
    if ('mistake' in asked) return problemResponse(400, asked.mistake)
    return jsonResponse(await listOrganizations(read, asked.value.organization, asked.value.limit))
  })
}
