import type { Hono } from 'hono'
import type { HttpBindings } from '@hono/node-server'
import { decodeTraces } from '../otlp/decode.ts'
import { ingestRoute, recordWith } from './ingestRoute.ts'
import type { IngestDeps } from './ingestRoute.ts'

/** `POST /v1/traces`: spans that have ended. 200 is written after the commit. */
export function tracesRoute(deps: IngestDeps): Hono<{ Bindings: HttpBindings }> {
  return ingestRoute('/v1/traces', deps, recordWith('span', decodeTraces, deps))
}
