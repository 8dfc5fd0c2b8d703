import { Hono } from 'hono'
import { findCircuitBreakers } from '../store/findCircuitBreakers.ts'
import type { Pool } from '../store/Pool.ts'
import { jsonResponse } from './jsonResponse.ts'

/** `GET /circuit-breakers`: each breaker as its worst living instance sees it. */
export function circuitBreakersRoute({ read }: { read: Pool }): Hono {
  return new Hono().get('/circuit-breakers', async () => jsonResponse(await findCircuitBreakers(read)))
}
