import { currentTimeZone, timeFormat } from '../text/locale.ts'
import { t } from '../text/t.ts'
import { formatRough } from './formatDuration.ts'

const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const
const MINUTES = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
const DAY = { day: 'numeric', month: 'short' } as const
const MINUTE_MS = 60_000

/** "14:02:11", with "23 Nov" before it on another day than `nowMs`'s; in the reader's time zone. */
export function formatClock(atMs: number, nowMs: number): string {
  return withDay(timeFormat(CLOCK).format(atMs), atMs, nowMs)
}

/** The same without its seconds. */
export function formatMinute(atMs: number, nowMs: number): string {
  return withDay(timeFormat(MINUTES).format(atMs), atMs, nowMs)
}

function withDay(time: string, atMs: number, nowMs: number): string {
  const day = timeFormat(DAY).format(atMs)
  return day === timeFormat(DAY).format(nowMs) ? time : `${day}, ${time}`
}

/** "just now", "12 s ago", "3 min ago", "in 4 s". The largest unit alone, for it will change soon. */
export function formatAgo(atMs: number, nowMs: number): string {
  const ms = nowMs - atMs
  if (Math.abs(ms) < 1_000) return t('just now')
  return ms > 0 ? t('{time} ago', { time: formatRough(ms) }) : t('in {time}', { time: formatRough(-ms) })
}

/** Midnight before `nowMs` in the reader's time zone; where a day begins later, as clocks are put forward, that. */
export function startOfToday(nowMs: number): number {
  return fromLocalTime(`${toLocalTime(nowMs).slice(0, 10)}T00:00`) ?? nowMs
}

/** As a field for date and time has it, in the reader's zone: "2026-11-23T14:02". */
export function toLocalTime(atMs: number): string {
  return new Date(atMs + zoneOffsetMs(atMs)).toISOString().slice(0, 16)
}

/** The moment that the reader's clocks show so; of two the earlier, and of an hour left out its end. */
export function fromLocalTime(text: string): number | undefined {
  const asUtcMs = Date.parse(`${text}Z`)
  if (Number.isNaN(asUtcMs)) return undefined
  // What the zone was a day before and is a day after: a change of its clocks lies between, if there is one.
  const offsets = [zoneOffsetMs(asUtcMs - 86_400_000), zoneOffsetMs(asUtcMs + 86_400_000)]
  const moments = offsets.map((offset) => asUtcMs - offset)
  const exact = moments.filter((moment) => moment + zoneOffsetMs(moment) === asUtcMs)
  return exact.length > 0 ? Math.min(...exact) : Math.max(...moments)
}

/** Of the reader's zone before UTC at that moment. */
function zoneOffsetMs(atMs: number): number {
  if (currentTimeZone() === 'UTC') return 0
  const parts = new Map(
    timeFormat({ year: 'numeric', month: 'numeric', day: 'numeric', ...CLOCK, era: 'short' })
      .formatToParts(atMs)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
  return Math.round((local - Math.floor(atMs / 1000) * 1000) / MINUTE_MS) * MINUTE_MS
}
