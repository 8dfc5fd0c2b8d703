import type { HttpBindings } from '@hono/node-server'
import { Hono, type MiddlewareHandler } from 'hono'
import { z } from 'zod'
import type { Random } from './latency.ts'

export const FAULT_MODES = ['none', 'slow', '429', '500', 'hang', 'outage'] as const
const faultsSchema = z.strictObject({ mode: z.enum(FAULT_MODES), rate: z.number().min(0).max(1).default(1) })
/** Which fault, and which share of the calls it hits. */
export type Faults = z.infer<typeof faultsSchema>

/** A switch that a person or a test turns while the simulator runs. */
export type FaultSwitch = { current: Faults }
export type SimulatorEnv = { Bindings: Partial<HttpBindings> }

/** How much longer a slow provider takes. Still inside the client's time-out for most calls, beyond it for some. */
export const SLOW_FACTOR = 1.8
const RETRY_AFTER_SECONDS = 1

/** `GET /faults` and `PUT /faults {"mode":"none|slow|429|500|hang|outage","rate":0..1}`. */
export function faultRoutes(faults: FaultSwitch): Hono<SimulatorEnv> {
  return new Hono<SimulatorEnv>()
    .get('/', (c) => c.json(faults.current))
    .put('/', async (c) => {
      const wanted = faultsSchema.safeParse(await c.req.json().catch(() => undefined))
      if (!wanted.success) return c.json({ error: z.prettifyError(wanted.error) }, 400)
      faults.current = wanted.data
      return c.json(faults.current)
    })
}

/** Answers the unlucky share of calls as the switched fault says; `slow` is for the simulator itself to draw. */
export function injectFaults(faults: FaultSwitch, random: Random): MiddlewareHandler<SimulatorEnv> {
  return async (c, next) => {
    const { mode, rate } = faults.current
    if (mode === 'none' || mode === 'slow' || random() >= rate) return next()
    switch (mode) {
      case '429':
        c.header('Retry-After', String(RETRY_AFTER_SECONDS))
        return c.json({ error: { status: 'RESOURCE_EXHAUSTED', message: 'Quota exceeded' } }, 429)
      case '500':
        return c.json({ error: { status: 'INTERNAL', message: 'An internal error has occurred' } }, 500)
      case 'hang':
        // Until the caller gives up; the connection's end frees the promise with the request.
        return new Promise(() => {})
      case 'outage':
        c.env.incoming?.socket.destroy()
        return c.body(null, 503)
    }
  }
}

/** The small share of failures that every provider has on a good day. */
export function injectBaseErrors(errorRate: number, random: Random): MiddlewareHandler<SimulatorEnv> {
  return async (c, next) => {
    if (random() >= errorRate) return next()
    if (random() < 0.5) return c.json({ error: { status: 'UNAVAILABLE', message: 'The model is overloaded' } }, 503)
    c.header('Retry-After', String(RETRY_AFTER_SECONDS))
    return c.json({ error: { status: 'RESOURCE_EXHAUSTED', message: 'Quota exceeded' } }, 429)
  }
}

export const slowness = (faults: FaultSwitch, random: Random): number =>
  faults.current.mode === 'slow' && random() < faults.current.rate ? SLOW_FACTOR : 1
