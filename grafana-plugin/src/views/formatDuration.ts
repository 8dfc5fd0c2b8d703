import { formatCount } from '../text/locale.ts'
import { t } from '../text/t.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** As people say it: "12 s", "1 min 32 s", "2 h 5 min", "3 d 4 h". Whole seconds, cut, for what ticks. */
export function formatDuration(durationMs: number): string {
  const ms = Math.max(0, Math.floor(durationMs))
  if (ms < MINUTE) return t('{count} s', { count: Math.floor(ms / SECOND) })
  if (ms < HOUR) return two(t('{count} min', { count: Math.floor(ms / MINUTE) }), Math.floor((ms % MINUTE) / SECOND), '{count} s')
  if (ms < DAY) return two(t('{count} h', { count: Math.floor(ms / HOUR) }), Math.floor((ms % HOUR) / MINUTE), '{count} min')
  return two(t('{count} d', { count: Math.floor(ms / DAY) }), Math.floor((ms % DAY) / HOUR), '{count} h')
}

/** Its largest unit alone, for what changes soon or has little room: "2 h". */
export function formatRough(durationMs: number): string {
  const ms = Math.max(0, Math.floor(durationMs))
  if (ms < MINUTE) return t('{count} s', { count: Math.floor(ms / SECOND) })
  if (ms < HOUR) return t('{count} min', { count: Math.floor(ms / MINUTE) })
  if (ms < DAY) return t('{count} h', { count: Math.floor(ms / HOUR) })
  return t('{count} d', { count: Math.floor(ms / DAY) })
}

/** For what has ended: under ten seconds one decimal, under one second milliseconds. */
export function formatMeasured(durationMs: number): string {
  const ms = Math.max(0, Math.round(durationMs))
  if (ms < SECOND) return t('{count} ms', { count: ms })
  if (ms < 10 * SECOND) return t('{count} s', { count: (Math.floor(ms / 100) / 10).toFixed(1) })
  return formatDuration(ms)
}

/** "92,431 ms", for a tooltip. */
export function formatExactMs(durationMs: number): string {
  return t('{count} ms', { count: formatCount(Math.round(durationMs)) })
}

function two(major: string, minor: number, minorUnit: string): string {
  return minor === 0 ? major : `${major} ${t(minorUnit, { count: minor })}`
}
