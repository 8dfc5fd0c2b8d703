import { formatDuration } from './formatDuration.ts'

const timeFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })

/** "14:02:11", with "23 Nov" before it on another day than `nowMs`'s; the reader's time zone. */
export function formatClock(atMs: number, nowMs: number): string {
  const time = timeFormat.format(atMs)
  const day = dayFormat.format(atMs)
  return day === dayFormat.format(nowMs) ? time : `${day}, ${time}`
}

/** "just now", "12 s ago", "3 min ago", "in 4 s". The largest unit alone, for it will change soon. */
export function formatAgo(atMs: number, nowMs: number): string {
  const ms = nowMs - atMs
  const [amount, unit] = formatDuration(Math.abs(ms)).split(' ')
  if (Math.abs(ms) < 1_000) return 'just now'
  return ms > 0 ? `${amount} ${unit} ago` : `in ${amount} ${unit}`
}

/** Midnight before `nowMs` in the reader's time zone. */
export function startOfToday(nowMs: number): number {
  return new Date(nowMs).setHours(0, 0, 0, 0)
}
