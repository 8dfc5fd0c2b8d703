import type { MiddlewareHandler } from 'hono'
import { problemResponse } from './problem.ts'

/** Whether only this machine can reach what listens there. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)
}

/**
 * For a tracker on loopback: takes only requests that name it by a loopback name. A page of another site whose
 * name was made to point here (DNS rebinding) could else read everything.
 */
export const loopbackHost: MiddlewareHandler = async (c, next) => {
  if (isLoopback(new URL(c.req.url).hostname)) return next()
  return problemResponse(421, 'This tracker listens on loopback and answers to localhost, 127.0.0.1 and [::1] only')
}
