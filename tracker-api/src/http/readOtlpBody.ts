import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { createGunzip } from 'node:zlib'
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { HeldBytes } from './createByteBudget.ts'

/** Of a body as sent, and again after inflating. */
export const MAX_BODY_BYTES = 20 * 1024 * 1024

export type BodyFault = { status: 400 | 408 | 413 | 415 | 429; message: string }
type Read = { body: Buffer } | BodyFault

/**
 * Reads a request's body, inflating gzip, within {@link MAX_BODY_BYTES}, `deadlineMs` and the room that it finds.
 * It comes from the Node stream where there is one: the detour over a web stream costs 100 µs per 100 kB.
 * A body that is refused is left unread; the server drains or cuts it.
 */
export async function readOtlpBody(
  c: Context<{ Bindings: HttpBindings }>,
  deadlineMs: number,
  held: HeldBytes,
): Promise<Read> {
  const contentEncoding = (c.req.header('content-encoding') ?? 'identity').trim().toLowerCase()
  if (contentEncoding !== 'identity' && contentEncoding !== 'gzip') {
    return { status: 415, message: 'Content-Encoding must be gzip or identity' }
  }
  if (Number(c.req.header('content-length') ?? 0) > MAX_BODY_BYTES) return tooLarge
  return readStream(bodyOf(c), contentEncoding === 'gzip', deadlineMs, held)
}

function bodyOf(c: Context<{ Bindings: HttpBindings }>): Readable {
  // `app.request()` calls an app without a server.
  const env = c.env as HttpBindings | undefined
  if (env?.incoming) return env.incoming
  const { body } = c.req.raw
  return body ? Readable.fromWeb(body as ReadableStream) : Readable.from([])
}

function readStream(source: Readable, isGzip: boolean, deadlineMs: number, held: HeldBytes): Promise<Read> {
  const { promise, resolve } = Promise.withResolvers<Read>()
  const gunzip = isGzip ? createGunzip({ chunkSize: 64 * 1024, rejectGarbageAfterEnd: true }) : undefined
  const chunks: Buffer[] = []
  let receivedBytes = 0
  let keptBytes = 0

  const settle = (read: Read): void => {
    clearTimeout(timer)
    source.off('data', receive).off('end', end).off('close', closed)
    if (!source.readableEnded) source.pause()
    gunzip?.removeAllListeners('data').destroy()
    resolve(read)
  }
  const keep = (chunk: Buffer): void => {
    keptBytes += chunk.length
    if (keptBytes > MAX_BODY_BYTES) settle(tooLarge)
    else if (!held.growTo(keptBytes)) settle(noRoom)
    else chunks.push(chunk)
  }
  const receive = (chunk: Buffer): void => {
    receivedBytes += chunk.length
    if (receivedBytes > MAX_BODY_BYTES) return settle(tooLarge)
    if (!gunzip) return keep(chunk)
    if (!gunzip.write(chunk)) {
      source.pause()
      gunzip.once('drain', () => source.resume())
    }
  }
  const settleWhole = (): void => settle(whole(chunks, isGzip))
  const end = (): void => {
    if (gunzip) gunzip.end()
    else settleWhole()
  }
  const closed = (): void => {
    if (!source.readableEnded) settle({ status: 400, message: 'The body ended before it was complete' })
  }
  const timer = setTimeout(settle, deadlineMs, {
    status: 408,
    message: `The body was not complete within ${deadlineMs / 1000} seconds`,
  })

  gunzip?.on('data', keep).on('end', settleWhole)
  gunzip?.on('error', () => settle({ status: 400, message: 'The body is not valid gzip' }))
  source.on('error', () => {}) // told by close
  source.on('data', receive).on('end', end).on('close', closed)
  return promise
}

function whole(chunks: Buffer[], wasGzip: boolean): Read {
  const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
  const isGzipAgain = wasGzip && body[0] === 0x1f && body[1] === 0x8b
  return isGzipAgain ? { status: 415, message: 'The body is compressed twice; compress it once' } : { body }
}

const tooLarge: BodyFault = {
  status: 413,
  message: `The body is larger than ${MAX_BODY_BYTES} bytes (counted after inflating too); send smaller batches`,
}

export const noRoom: BodyFault = { status: 429, message: 'The tracker holds as many bodies as it has room for; send the same again' }
