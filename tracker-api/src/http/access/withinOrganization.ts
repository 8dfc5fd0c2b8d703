import type { MiddlewareHandler } from 'hono'
import { problemResponse } from '../problem.ts'
import { organizationOf } from './accessOf.ts'

/**
 * For a token of one organization: makes `organization` of the query that one. A route that does not know the
 * parameter answers 400 to it, so a filter that was forgotten shows nothing rather than everything.
 */
export const withinOrganization: MiddlewareHandler = async (c, next) => {
  const organization = organizationOf(c)
  if (organization === undefined) return next()
  if (c.req.method !== 'GET' && c.req.method !== 'HEAD') return problemResponse(405, 'This is read with GET.', { headers: { allow: 'GET' } })
  const url = new URL(c.req.url)
  const others = url.searchParams.getAll('organization').filter((asked) => asked !== '' && asked !== organization)
  if (others.length > 0) return problemResponse(403, 'The token is of another organization.')
  url.searchParams.set('organization', organization)
  c.req.raw = new Request(url, { method: c.req.method, headers: c.req.raw.headers })
  return next()
}

/** For figures that are of no organization. */
export const ofAllOrganizations: MiddlewareHandler = async (c, next) => {
  if (organizationOf(c) === undefined) return next()
  return problemResponse(403, 'Circuit breakers are the platform’s: they need a token that may read all organizations.')
}
