import type { Context, MiddlewareHandler } from 'hono'
import { getCookie } from 'hono/cookie'
import { ADMIN_BASE } from '../../adminContract.ts'
import { allows } from '../../store/access/Access.ts'
import type { Access, Scope } from '../../store/access/Access.ts'
import type { AccessReader } from '../../store/access/createAccessReader.ts'
import { inOrganization } from '../../store/access/inOrganization.ts'
import { isSecret } from '../../store/access/secret.ts'
import { TRACKING_BASE } from '../../trackingContract.ts'
import { PAGE_PATH } from '../pageRoute.ts'
import { problemResponse } from '../problem.ts'
import './accessOf.ts'
import { LOGIN_PATH, LOGOUT_PATH, sessionCookieName } from './loginRoute.ts'

/** What holds no data: probes, the contract, runbooks and the way in. Everything else demands a token. */
const open = new Set(['/', '/healthz', '/readyz', '/api/v1/openapi.json', LOGIN_PATH, LOGOUT_PATH])
const isOpen = (path: string): boolean => open.has(path) || path.startsWith('/runbooks/')

type Credential = { secret: string; isCookie: boolean }

/** Lets through who shows a token, or the session got for one, whose scopes allow the call. */
export function authorize(findAccess: AccessReader, isSecure: boolean): MiddlewareHandler {
  return async (c, next) => {
    if (isOpen(c.req.path)) return next()
    const credential = credentialOf(c, isSecure)
    if (credential === undefined) return isNavigation(c) ? c.redirect(LOGIN_PATH, 303) : unauthorized(c, false)
    const { secret, isCookie } = credential
    const access = isSecret(secret, isCookie ? 'session' : 'token') ? await findAccess(secret) : undefined
    if (access === undefined) return isCookie && isNavigation(c) ? c.redirect(LOGIN_PATH, 303) : unauthorized(c, true)
    // Another site can make a browser send a cookie with a form; here a cookie changes nothing.
    if (isCookie && c.req.method !== 'GET' && c.req.method !== 'HEAD') return forbidden('A session only reads. Send a token.')
    const mistake = mistakeOf(access, c.req.path)
    if (mistake !== undefined) return forbidden(mistake)
    c.set('access', access)
    c.set('isSession', isCookie)
    c.set('isStillAllowed', async () => (await findAccess(secret)) !== undefined)
    return access.organization === undefined ? next() : inOrganization(access.organization, next)
  }
}

function mistakeOf(access: Access, path: string): string | undefined {
  const needed = scopeFor(path)
  if (!allows(access, needed)) return `The token lacks the scope ${needed}.`
  if (path === '/metrics' && access.organization !== undefined) {
    return 'The tracker’s own metrics count all organizations: they need a token that may read all.'
  }
  return undefined
}

function scopeFor(path: string): Scope {
  if (path.startsWith(`${ADMIN_BASE}/`)) return 'admin'
  return path.startsWith('/v1/') || path.startsWith(`${TRACKING_BASE}/`) ? 'ingest' : 'read'
}

function credentialOf(c: Context, isSecure: boolean): Credential | undefined {
  const header = c.req.header('authorization')
  if (header !== undefined) return { secret: /^Bearer +(\S+)$/i.exec(header)?.[1] ?? '', isCookie: false }
  const cookie = getCookie(c, sessionCookieName(isSecure))
  return cookie === undefined ? undefined : { secret: cookie, isCookie: true }
}

function isNavigation(c: Context): boolean {
  return c.req.path.startsWith(PAGE_PATH) && (c.req.header('accept') ?? '').includes('text/html')
}

/** The same words for a token that is unknown, expired or revoked; closed, for a body may be under way. */
function unauthorized(c: Context, isWrong: boolean): Response {
  const challenge = `Bearer realm="vividly"${isWrong ? ', error="invalid_token"' : ''}`
  const detail = 'Send `Authorization: Bearer <token>`. `npm run tracker -- tokens create` makes a token; people log in at /login.'
  const close = c.req.method === 'POST' ? { connection: 'close' } : undefined
  return problemResponse(401, detail, { headers: { 'www-authenticate': challenge, ...close } })
}

function forbidden(detail: string): Response {
  const challenge = 'Bearer realm="vividly", error="insufficient_scope"'
  return problemResponse(403, detail, { headers: { 'www-authenticate': challenge } })
}
