import { Hono } from 'hono'
import type { Pool } from '../store/Pool.ts'
import { readConcurrency } from '../store/readConcurrency.ts'
import { jsonResponse } from './jsonResponse.ts'
import { parseQuery } from './parseQuery.ts'
import { problemResponse } from './problem.ts'
import { name } from './queryFields.ts'
import { toWindow, windowQuery } from './windowQuery.ts'

/** Every request of the window may be read, where its hours are not made yet. */
const limits = { usualDays: 1, maxDays: 7 }

export const concurrencyQuery = { ...windowQuery, organization: name.optional() }

/** `GET /trends/concurrency`: how many requests were at work and how many waited, on average and at the peak. */
export function concurrencyRoute({ read }: { read: Pool }): Hono {
  return new Hono().get('/trends/concurrency', async (c) => {
    const asked = parseQuery(c.req.url, concurrencyQuery)
    if ('mistake' in asked) return problemResponse(400, asked.mistake)
    const window = toWindow(asked.value, Date.now(), limits)
    if ('mistake' in window) return problemResponse(400, window.mistake)
    return jsonResponse(await readConcurrency(read, { ...window, organization: asked.value.organization }))
  })
}
