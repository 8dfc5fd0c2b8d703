import { Hono } from 'hono'
import type { Pool } from '../store/Pool.ts'
import { readDeployments } from '../store/readDeployments.ts'
import { jsonResponse } from './jsonResponse.ts'
import { parseQuery } from './parseQuery.ts'
import { problemResponse } from './problem.ts'
import { limit, name } from './queryFields.ts'
import { toWindow, windowQuery } from './windowQuery.ts'

const limits = { usualDays: 30, maxDays: 400 }

export const deploymentsQuery = { ...windowQuery, organization: name.optional(), limit: limit(100, 1000) }

/** `GET /deployments`: when versions of services were first heard of. */
export function deploymentsRoute({ read }: { read: Pool }): Hono {
  return new Hono().get('/deployments', async (c) => {
    const asked = parseQuery(c.req.url, deploymentsQuery)
    if ('mistake' in asked) return problemResponse(400, asked.mistake)
    const window = toWindow(asked.value, Date.now(), limits)
    if ('mistake' in window) return problemResponse(400, window.mistake)
    return jsonResponse(await readDeployments(read, window, asked.value.organization, asked.value.limit))
  })
}
