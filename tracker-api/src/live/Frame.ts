import type { StreamFrames } from '../contract.ts'

/** A frame as it goes out: the same text for every listener, made once. */
export type Frame = {
  /** Of two waiting frames with one key the later says all. */
  key: string
  text: string
  /** Where the reader stands when it has this frame and all before it. */
  cursor: string | undefined
}

/** One server-sent event. JSON escapes line ends, so its data is one line whatever it holds. */
export function toFrame<E extends keyof StreamFrames>(
  event: E,
  data: StreamFrames[E],
  cursor: string | undefined,
  key: string = event,
): Frame {
  const id = cursor === undefined ? '' : `id: ${cursor}\n`
  return { key, cursor, text: `${id}event: ${event}\ndata: ${JSON.stringify(data)}\n\n` }
}
