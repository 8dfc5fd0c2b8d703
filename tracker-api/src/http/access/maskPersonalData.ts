import type { MiddlewareHandler } from 'hono'
import { textOf, textResponse } from '../jsonResponse.ts'
import { seesNames } from './accessOf.ts'

/** Names of people, wherever in an answer they stand. */
const personal = new Set(['student_name', 'user.full_name', 'full_name'])

/** JSON with null for every name of a person. */
export function maskedJson(text: string): string {
  return JSON.stringify(JSON.parse(text, (key, value: unknown) => (personal.has(key) ? null : value)))
}

/** For a token that may not read personal data: its JSON answers hold no names. */
export const maskPersonalData: MiddlewareHandler = async (c, next) => {
  await next()
  if (seesNames(c) || c.res.headers.get('content-type') !== 'application/json') return
  const { status, headers } = c.res
  const { text } = await textOf(c.res)
  c.res = undefined
  c.res = textResponse(maskedJson(text), { status, headers })
}
