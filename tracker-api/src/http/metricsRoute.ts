import { Hono } from 'hono'
import { findMetrics } from '../store/findMetrics.ts'
import type { Pool } from '../store/Pool.ts'
import { jsonResponse } from './jsonResponse.ts'
import { parseQuery } from './parseQuery.ts'
import { problemResponse } from './problem.ts'
import { name } from './queryFields.ts'
import { toWindow, windowQuery } from './windowQuery.ts'

/** Hours are a few kilobytes each: a year of them is no answer for a page. */
const limits = { usualDays: 1, maxDays: 100 }

export const metricsQuery = { ...windowQuery, organization: name.optional() }

/** `GET /metrics`: figures by the hour in which requests were created; without bounds those of the last 24 hours. */
export function metricsRoute({ read }: { read: Pool }): Hono {
  return new Hono().get('/metrics', async (c) => {
    const asked = parseQuery(c.req.url, metricsQuery)
    if ('mistake' in asked) return problemResponse(400, asked.mistake)
    const window = toWindow(asked.value, Date.now(), limits)
    if ('mistake' in window) return problemResponse(400, window.mistake)
    return jsonResponse(await findMetrics(read, window.fromUs, window.toUs, asked.value.organization))
  })
}
