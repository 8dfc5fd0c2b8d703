import type { Context } from 'hono'
import type { Access } from '../../store/access/Access.ts'
import { allows } from '../../store/access/Access.ts'

declare module 'hono' {
  interface ContextVariableMap {
    /** Set where tokens are in force. */
    access: Access | undefined
    /** Whether a session's cookie was shown, not a token. */
    isSession: boolean | undefined
    /** Whether the caller's token still holds: for answers that last. */
    isStillAllowed: (() => Promise<boolean>) | undefined
  }
}

/** The only organization that the caller may see; undefined is all. */
export function organizationOf(c: Context): string | undefined {
  return c.get('access')?.organization
}

/** Whether the caller may see names of students. */
export function seesNames(c: Context): boolean {
  const access = c.get('access')
  return access === undefined || allows(access, 'read_personal')
}

/** For the records of who did what: the token, or that nobody needs one here. */
export function callerOf(c: Context): string {
  const access = c.get('access')
  return access === undefined ? 'no login' : `token ${access.tokenId}`
}

export function cameBy(c: Context): 'token' | 'session' {
  return c.get('isSession') === true ? 'session' : 'token'
}
