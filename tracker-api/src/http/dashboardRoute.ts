import { Hono } from 'hono'
import { getDashboard } from '../store/getDashboard.ts'
import { knownTimezone } from '../store/knownTimezone.ts'
import type { Pool } from '../store/Pool.ts'
import { jsonResponse } from './jsonResponse.ts'
import { parseQuery } from './parseQuery.ts'
import { problemResponse } from './problem.ts'
import { name } from './queryFields.ts'

export const unknownTimezone = 'tz: not a time zone. Give an IANA name, such as Europe/Berlin.'

export const dashboardQuery = { tz: name.default('UTC'), organization: name.optional() }

/** `GET /dashboard`: the figures of now and of today in a time zone. */
export function dashboardRoute({ read }: { read: Pool }): Hono {
  return new Hono().get('/dashboard', async (c) => {
    const asked = parseQuery(c.req.url, dashboardQuery)
    if ('mistake' in asked) return problemResponse(400, asked.mistake)
    if (!(await knownTimezone(read, asked.value.tz))) return problemResponse(400, unknownTimezone)
    return jsonResponse(await getDashboard(read, asked.value.tz, asked.value.organization))
  })
}
