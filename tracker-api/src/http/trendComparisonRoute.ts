import { Hono } from 'hono'
import type { Pool } from '../store/Pool.ts'
import { readComparison } from '../store/readComparison.ts'
import { jsonResponse } from './jsonResponse.ts'
import { parseQuery } from './parseQuery.ts'
import { problemResponse } from './problem.ts'
import { name } from './queryFields.ts'
import { toWindow, windowQuery } from './windowQuery.ts'

/** Three windows are read. */
const limits = { usualDays: 1, maxDays: 100 }

export const trendComparisonQuery = { ...windowQuery, organization: name.optional() }

/** `GET /trends/comparison`: a window beside as much time just before it and the same time a week earlier. */
export function trendComparisonRoute({ read }: { read: Pool }): Hono {
  return new Hono().get('/trends/comparison', async (c) => {
    const asked = parseQuery(c.req.url, trendComparisonQuery)
    if ('mistake' in asked) return problemResponse(400, asked.mistake)
    const window = toWindow(asked.value, Date.now(), limits)
    if ('mistake' in window) return problemResponse(400, window.mistake)
    return jsonResponse(await readComparison(read, { ...window, organization: asked.value.organization }))
  })
}
