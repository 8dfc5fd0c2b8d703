import { Hono } from 'hono'
import type { MiddlewareHandler } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { allows } from '../../store/access/Access.ts'
import type { Access } from '../../store/access/Access.ts'
import { isSecret } from '../../store/access/secret.ts'
import { PAGE_PATH } from '../pageRoute.ts'
import { problemResponse } from '../problem.ts'

export const LOGIN_PATH = '/login'
export const LOGOUT_PATH = '/logout'

export type LoginDeps = {
  findAccess: (secret: string) => Promise<Access | undefined>
  /** Gives the session's secret. */
  openSession: (tokenId: string) => Promise<string>
  closeSession: (secret: string) => Promise<void>
  /** People come by https. */
  isSecure: boolean
}

/** Browsers take a `__Host-` cookie by https only, and from no other host. */
export function sessionCookieName(isSecure: boolean): string {
  return isSecure ? '__Host-vividly_session' : 'vividly_session'
}

/** `/login` takes a token and gives a session's cookie for it, which no script can read; `POST /logout` ends it. */
export function loginRoute({ findAccess, openSession, closeSession, isSecure }: LoginDeps): Hono {
  const cookieName = sessionCookieName(isSecure)
  const attributes = { path: '/', httpOnly: true, sameSite: 'Strict', secure: isSecure } as const
  return new Hono()
    .on('POST', [LOGIN_PATH, LOGOUT_PATH], ownForms)
    .get(LOGIN_PATH, (c) => c.html(form('')))
    .post(LOGIN_PATH, async (c) => {
      const { token } = await c.req.parseBody()
      const secret = typeof token === 'string' ? token.trim() : ''
      const access = isSecret(secret, 'token') ? await findAccess(secret) : undefined
      if (access === undefined || !allows(access, 'read')) return c.html(form('This is no token that may read.'), 401)
      setCookie(c, cookieName, await openSession(access.tokenId), attributes)
      return c.redirect(PAGE_PATH, 303)
    })
    .post(LOGOUT_PATH, async (c) => {
      const secret = getCookie(c, cookieName)
      if (secret !== undefined) await closeSession(secret)
      deleteCookie(c, cookieName, attributes)
      return c.redirect(LOGIN_PATH, 303)
    })
}

/** A form of another site is not taken. Behind a proxy that ends TLS our scheme is not the browser's: hosts are compared. */
const ownForms: MiddlewareHandler = async (c, next) => {
  const { 'sec-fetch-site': site, origin, host } = c.req.header()
  const isOwn = site === undefined ? origin === undefined || hostOf(origin) === host : site === 'same-origin' || site === 'none'
  return isOwn ? next() : problemResponse(403, 'This form is of another site. Open /login here.')
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}

function form(mistake: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<!-- With no referrer at all browsers hide the origin of a form, too. -->
<meta name="referrer" content="same-origin">
<title>Log in · Vividly tracker</title>
<h1>Vividly tracker</h1>
<form method="post" action="${LOGIN_PATH}">
  <p role="alert">${mistake}</p>
  <p><label>Token <input name="token" type="password" autocomplete="current-password" required autofocus></label></p>
  <p><button>Log in</button></p>
</form>
</html>
`
}
