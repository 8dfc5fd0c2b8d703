import { moment } from './queryFields.ts'

const DAY_US = 86_400_000_000
/** What a request's ID can say, 1970 to 2286, less room for what is read around a window. */
const EARLIEST_US = 10 * DAY_US
const LATEST_US = 9_999_999_999_999_000 - 10 * DAY_US

/** The parameters that bound a window of time. */
export const windowQuery = { from: moment.optional(), to: moment.optional() }

type Asked = { from?: number | undefined; to?: number | undefined }

/**
 * The window that was asked for, microseconds since the epoch: up to now and `usualDays` long where no bound is given.
 * A mistake, worded for the one who asks, where it ends before it begins or is longer than `maxDays`.
 */
export function toWindow(
  { from, to }: Asked,
  nowMs: number,
  { usualDays, maxDays }: { usualDays: number; maxDays: number },
): { fromUs: number; toUs: number } | { mistake: string } {
  const toUs = to ?? Math.max(nowMs * 1000, from ?? 0)
  const fromUs = from ?? toUs - usualDays * DAY_US
  if (fromUs > toUs) return { mistake: 'from: later than to' }
  if (toUs - fromUs > maxDays * DAY_US) return { mistake: `from, to: at most ${maxDays} days apart` }
  return { fromUs: within(fromUs), toUs: within(toUs) }
}

function within(us: number): number {
  return Math.min(LATEST_US, Math.max(EARLIEST_US, us))
}
