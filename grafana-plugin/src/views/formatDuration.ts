const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** As people say it: "12 s", "1 min 32 s", "2 h 5 min", "3 d 4 h". Whole seconds, cut, for what ticks. */
export function formatDuration(durationMs: number): string {
  const ms = Math.max(0, Math.floor(durationMs))
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`
  if (ms < HOUR) return two(Math.floor(ms / MINUTE), 'min', Math.floor((ms % MINUTE) / SECOND), 's')
  if (ms < DAY) return two(Math.floor(ms / HOUR), 'h', Math.floor((ms % HOUR) / MINUTE), 'min')
  return two(Math.floor(ms / DAY), 'd', Math.floor((ms % DAY) / HOUR), 'h')
}

/** For what has ended: under ten seconds one decimal, under one second milliseconds. */
export function formatMeasured(durationMs: number): string {
  const ms = Math.max(0, Math.round(durationMs))
  if (ms < SECOND) return `${ms} ms`
  if (ms < 10 * SECOND) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`
  return formatDuration(ms)
}

/** "92,431 ms", for a tooltip. */
export function formatExactMs(durationMs: number): string {
  return `${Math.round(durationMs).toLocaleString('en-US')} ms`
}

function two(major: number, majorUnit: string, minor: number, minorUnit: string): string {
  return minor === 0 ? `${major} ${majorUnit}` : `${major} ${majorUnit} ${minor} ${minorUnit}`
}
