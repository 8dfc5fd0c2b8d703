import { Hono } from 'hono'
import { findCircuitBreakers } from '../store/findCircuitBreakers.ts'
import type { Pool } from '../store/Pool.ts'
import { jsonResponse } from './jsonResponse.ts'
import { parseQuery } from './parseQuery.ts'
import { problemResponse } from './problem.ts'

/** `GET /circuit-breakers`: each breaker as its worst living instance sees it. */
export function circuitBreakersRoute({ read }: { read: Pool }): Hono {
  return new Hono().get('/circuit-breakers', async (c) => {
    const asked = parseQuery(c.req.url, {})
    if ('mistake' in asked) return problemResponse(400, asked.mistake)
    return jsonResponse(await findCircuitBreakers(read))
  })
}
