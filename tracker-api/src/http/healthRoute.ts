import { Hono } from 'hono'
import { problemResponse } from './problem.ts'
import { withDeadline } from './withDeadline.ts'

export type HealthDeps = {
  /** Resolves when the database answers. */
  pingDatabase: () => Promise<unknown>
  isDraining: () => boolean
}

const PING_DEADLINE_MS = 1_000

/** `GET /healthz`: the event loop turns. `GET /readyz`: the database answers within a second. */
export function healthRoute({ pingDatabase, isDraining }: HealthDeps): Hono {
  return new Hono()
    .get('/healthz', (c) => c.json({ status: 'ok' }))
    .get('/readyz', async (c) => {
      if (isDraining()) return problemResponse(503, 'The tracker is shutting down', retry)
      try {
        await withDeadline(pingDatabase(), PING_DEADLINE_MS, 'asking the database')
        return c.json({ status: 'ready' })
      } catch {
        return problemResponse(503, 'The database does not answer', retry)
      }
    })
}

const retry = { headers: { 'retry-after': '1' } }
