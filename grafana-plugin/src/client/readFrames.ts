import { createParser } from 'eventsource-parser'

import type { Frame } from './liveData.ts'

/** A frame and the cursor it carried. */
export type FrameHandler = (frame: Frame, cursor: string | undefined) => void

const FRAME_TYPES: Record<Frame['type'], true> = {
  hello: true,
  request: true,
  remove: true,
  circuit_breaker: true,
  stats: true,
  heartbeat: true,
  reset: true,
  bye: true,
}

/**
 * Reads server-sent events until the body ends or the fetch is aborted. Unknown events are skipped, so that a
 * newer tracker can say more; data that is not JSON throws, for then nothing after it can be trusted either.
 */
export async function readFrames(body: ReadableStream<Uint8Array>, onFrame: FrameHandler): Promise<void> {
  const parser = createParser({
    onEvent({ event, data, id }) {
      if (event === undefined || !Object.hasOwn(FRAME_TYPES, event)) return
      onFrame({ type: event, data: parseData(event, data) } as Frame, id || undefined)
    },
  })
  const decoder = new TextDecoder()
  const reader = body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    parser.feed(decoder.decode(value, { stream: true }))
  }
}

function parseData(event: string, data: string): unknown {
  try {
    return JSON.parse(data)
  } catch (cause) {
    throw new Error(`The stream's ${event} frame is not JSON`, { cause })
  }
}
