import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import type { Pool } from '../../store/Pool.ts'
import { erasuresRoute } from './erasuresRoute.ts'
import { personalReadsRoute } from './personalReadsRoute.ts'

/** Everything under ADMIN_BASE. Errors of the store are thrown: the app answers them. */
export function adminRoutes(deps: { admin: Pool }): Hono<{ Bindings: HttpBindings }> {
  return new Hono<{ Bindings: HttpBindings }>().route('/', erasuresRoute(deps)).route('/', personalReadsRoute(deps))
}
