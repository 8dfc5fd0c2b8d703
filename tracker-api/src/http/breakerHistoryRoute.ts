import { Hono } from 'hono'
import type { Pool } from '../store/Pool.ts'
import { readBreakerHistory } from '../store/readBreakerHistory.ts'
import { jsonResponse } from './jsonResponse.ts'
import { parseQuery } from './parseQuery.ts'
import { problemResponse } from './problem.ts'
import { limit, name } from './queryFields.ts'
import { toWindow, windowQuery } from './windowQuery.ts'

const limits = { usualDays: 7, maxDays: 400 }

export const breakerHistoryQuery = { ...windowQuery, limit: limit(100, 1000) }

/** `GET /circuit-breakers/{name}/history`: every change of a breaker's state that was told; of one unknown, none. */
export function breakerHistoryRoute({ read }: { read: Pool }): Hono {
  return new Hono().get('/circuit-breakers/:name/history', async (c) => {
    const asked = parseQuery(c.req.url, breakerHistoryQuery)
    if ('mistake' in asked) return problemResponse(400, asked.mistake)
    const breaker = name.safeParse(c.req.param('name'))
    if (!breaker.success) return problemResponse(400, 'name: at most 200 characters, none of them NUL')
    const window = toWindow(asked.value, Date.now(), limits)
    if ('mistake' in window) return problemResponse(400, window.mistake)
    return jsonResponse(await readBreakerHistory(read, window, breaker.data, asked.value.limit))
  })
}
