import type { ServerResponse } from 'node:http'
import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { Hono } from 'hono'
import type { StreamSocket } from '../live/createOutbox.ts'
import type { ChangeFeed } from '../live/createChangeFeed.ts'
import type { FeedReads } from '../live/FeedReads.ts'
import { openStream } from '../live/openStream.ts'
import { knownTimezone } from '../store/knownTimezone.ts'
import type { Pool } from '../store/Pool.ts'
import { organizationOf, seesNames } from './access/accessOf.ts'
import { unknownTimezone } from './dashboardRoute.ts'
import { parseQuery } from './parseQuery.ts'
import { problemResponse } from './problem.ts'
import { anyText, name, statuses } from './queryFields.ts'

/** Streams of one replica. */
const MAX_STREAMS = 10_000
const RECHECK_MS = 1_000

export const streamQuery = {
  cursor: anyText.optional(),
  organization: name.optional(),
  status: statuses.optional(),
  tz: name.default('UTC'),
}
const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  // nginx would collect the stream into blocks.
  'x-accel-buffering': 'no',
  // Written past the app, whose own headers it does not get.
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
}

export type StreamDeps = { read: Pool; feed: ChangeFeed; liveReads: FeedReads }

/** `GET /stream`: server-sent events, the contract's `streamFrames`. */
export function streamRoute({ read, feed, liveReads }: StreamDeps): Hono<{ Bindings: HttpBindings }> {
  return new Hono<{ Bindings: HttpBindings }>().on(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], '/stream', async (c) => {
    if (c.req.raw.method !== 'GET') return problemResponse(405, 'The stream is read with GET.', { headers: { allow: 'GET' } })
    const asked = parseQuery(c.req.url, streamQuery, ['status'])
    if ('mistake' in asked) return problemResponse(400, asked.mistake)
    const { organization, status, tz, cursor } = asked.value
    if (!(await knownTimezone(read, tz))) return problemResponse(400, unknownTimezone)
    if (feed.size() >= MAX_STREAMS) {
      return problemResponse(429, 'Too many streams are open here. Try again in a moment.', { headers: { 'retry-after': '1' } })
    }
    const { outgoing } = c.env
    const begin = await openStream(
      feed,
      liveReads,
      toStreamSocket(outgoing),
      {
        viewer: { organization: organizationOf(c), seesNames: seesNames(c) },
        filter: { organization, statuses: status },
        timezone: tz,
        cursor: c.req.header('last-event-id') ?? cursor,
      },
    )
    // A proxy between that forgets us is found out by the system.
    outgoing.socket?.setKeepAlive(true, 15_000)
    outgoing.writeHead(200, headers).flushHeaders()
    endWithToken(c.get('isStillAllowed'), outgoing)
    begin()
    return RESPONSE_ALREADY_SENT
  })
}

/**
 * Chunks that are framed once for all listeners go to the connection itself: the response would frame each anew for each,
 * and write four pieces for it. Where it writes no chunks (HTTP/1.0), or has to wait for an answer before it, it writes itself.
 */
function toStreamSocket(outgoing: ServerResponse): StreamSocket {
  const { socket } = outgoing
  return {
    write: (bundle) => {
      // Whoever ended the response may not have told us yet; another answer may follow on the connection.
      if (outgoing.writableEnded) return true
      return socket !== null && outgoing.chunkedEncoding ? socket.write(bundle.chunk) : outgoing.write(bundle.text)
    },
    end: () => outgoing.end(),
    destroy: () => outgoing.destroy(),
    on: (event, listener) => {
      outgoing.on(event, listener)
      if (event !== 'drain') return
      socket?.on(event, listener)
      outgoing.on('close', () => socket?.off(event, listener))
    },
  }
}

/** A token that is revoked ends its streams within seconds; a database that does not answer ends none. */
function endWithToken(isStillAllowed: (() => Promise<boolean>) | undefined, outgoing: ServerResponse): void {
  if (isStillAllowed === undefined) return
  const timer = setInterval(() => {
    isStillAllowed().then(
      (allowed) => allowed || outgoing.end(),
      () => {},
    )
  }, RECHECK_MS).unref()
  outgoing.on('close', () => clearInterval(timer))
}
