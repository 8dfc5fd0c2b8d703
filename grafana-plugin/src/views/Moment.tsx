import { formatDuration, formatExactMs, formatMeasured } from './formatDuration.ts'
import { formatAgo, formatClock } from './formatTime.ts'
import { useServerNow } from './serverClock.ts'

/** A point in time, absolute and relative together; the full ISO form in the tooltip. */
export function Moment({ at }: { at: string }) {
  const nowMs = useServerNow()
  const atMs = Date.parse(at)
  return (
    <time className="vt-num" dateTime={at} title={at}>
      {formatClock(atMs, nowMs)} <span className="vt-muted">· {formatAgo(atMs, nowMs)}</span>
    </time>
  )
}

/** Only the relative form, where room is short; the absolute one in the tooltip. */
export function Ago({ at }: { at: string }) {
  const nowMs = useServerNow()
  const atMs = Date.parse(at)
  return (
    <time className="vt-num" dateTime={at} title={`${formatClock(atMs, nowMs)} (${at})`}>
      {formatAgo(atMs, nowMs)}
    </time>
  )
}

/** Counts up from `since` on the server's clock. */
export function Elapsed({ since }: { since: string }) {
  const ms = Math.max(0, useServerNow() - Date.parse(since))
  return (
    <span className="vt-num" title={formatExactMs(ms)}>
      {formatDuration(ms)}
    </span>
  )
}

/** A duration that no longer changes. */
export function Measured({ seconds }: { seconds: number }) {
  return (
    <span className="vt-num" title={formatExactMs(seconds * 1000)}>
      {formatMeasured(seconds * 1000)}
    </span>
  )
}
