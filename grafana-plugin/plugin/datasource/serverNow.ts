import type { LiveState } from '../../src/client/liveClient.ts'

/** The tracker's time, ms: a wrong clock here makes no request late. */
export function serverNow({ clockOffsetMs }: LiveState): number {
  return Date.now() + clockOffsetMs
}
