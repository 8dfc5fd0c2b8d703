import type { Hono } from 'hono'
import type { HttpBindings } from '@hono/node-server'
import { decodeLogs } from '../otlp/decode.ts'
import { ingestRoute, recordWith } from './ingestRoute.ts'
import type { IngestDeps } from './ingestRoute.ts'

/** `POST /v1/logs`: the life cycle as it happens. 200 is written after the commit. */
export function logsRoute(deps: IngestDeps): Hono<{ Bindings: HttpBindings }> {
  return ingestRoute('/v1/logs', deps, recordWith('log_record', decodeLogs, deps))
}
