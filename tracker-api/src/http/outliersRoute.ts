import { Hono } from 'hono'
import type { Pool } from '../store/Pool.ts'
import { readOutliers } from '../store/readOutliers.ts'
import { jsonResponse } from './jsonResponse.ts'
import { parseQuery } from './parseQuery.ts'
import { problemResponse } from './problem.ts'
import { limit, name } from './queryFields.ts'
import { toWindow, windowQuery } from './windowQuery.ts'

/** Every stage of the window's requests is read. */
const limits = { usualDays: 1, maxDays: 7 }

export const outliersQuery = { ...windowQuery, organization: name.optional(), limit: limit(50, 200) }

/** `GET /outliers`: stages that took far longer than they normally do. */
export function outliersRoute({ read }: { read: Pool }): Hono {
  return new Hono().get('/outliers', async (c) => {
    const asked = parseQuery(c.req.url, outliersQuery)
    if ('mistake' in asked) return problemResponse(400, asked.mistake)
    const window = toWindow(asked.value, Date.now(), limits)
    if ('mistake' in window) return problemResponse(400, window.mistake)
    const { organization, limit } = asked.value
    return jsonResponse(await readOutliers(read, { ...window, organization }, limit))
  })
}
