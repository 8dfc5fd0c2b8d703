import { hash } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { textOf } from './jsonResponse.ts'

/** What changes with every look, whether or not anything happened. A quote inside of a JSON string is escaped. */
const passing = /"(?:elapsed_seconds|time_progress_ratio|stream_cursor|expected_end)" ?: ?(?:"[^"]*"|[\d.]+|{[^{}]*})/g

/**
 * Gives JSON a weak `ETag`, and answers 304 to who has that state already. The older `stream_cursor` that such a
 * client keeps is good: the stream repeats what it missed.
 */
export const answerIfChanged: MiddlewareHandler = async (c, next) => {
  await next()
  if (c.res.status !== 200) return
  const { text, unread } = await textOf(c.res)
  const etag = `W/"${hash('sha1', text.replaceAll(passing, ''), 'base64url')}"`
  const known = new Set((c.req.header('if-none-match') ?? '').split(',').map((one) => one.trim()))
  c.res = undefined
  if (!known.has(etag) && !known.has('*')) c.res = unread
  else {
    const headers = new Headers(unread.headers)
    headers.delete('content-type')
    c.res = new Response(null, { status: 304, headers })
  }
  c.res.headers.set('etag', etag)
}
