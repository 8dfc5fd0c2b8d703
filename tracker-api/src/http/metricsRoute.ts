import { Hono } from 'hono'
import { findMetrics } from '../store/findMetrics.ts'
import type { Pool } from '../store/Pool.ts'
import { jsonResponse } from './jsonResponse.ts'
import { parseQuery } from './parseQuery.ts'
import { problemResponse } from './problem.ts'
import { moment, name } from './queryFields.ts'

const DAY_US = 86_400_000_000
/** Hours are a few kilobytes each: a year of them is no answer for a page. */
const MAX_DAYS = 100

export const metricsQuery = { from: moment.optional(), to: moment.optional(), organization: name.optional() }

/** `GET /metrics`: figures by the hour in which requests were created; without bounds those of the last 24 hours. */
export function metricsRoute({ read }: { read: Pool }): Hono {
  return new Hono().get('/metrics', async (c) => {
    const asked = parseQuery(c.req.url, metricsQuery)
    if ('mistake' in asked) return problemResponse(400, asked.mistake)
    const toUs = asked.value.to ?? Math.max(Date.now() * 1000, asked.value.from ?? 0)
    const fromUs = asked.value.from ?? toUs - DAY_US
    if (fromUs > toUs) return problemResponse(400, 'from: later than to')
    if (toUs - fromUs > MAX_DAYS * DAY_US) return problemResponse(400, `from, to: at most ${MAX_DAYS} days apart`)
    return jsonResponse(await findMetrics(read, fromUs, toUs, asked.value.organization))
  })
}
