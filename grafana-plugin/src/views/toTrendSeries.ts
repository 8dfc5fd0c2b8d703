import type { Trends } from '@vividly/tracker-api/trendsContract'

type Values = (number | null)[]
/** Column by column, as a chart takes it; null where nothing is known. */
export type TrendSeries = {
  /** Unix seconds. */
  times: number[]
  completed: Values
  failed: Values
  successPercent: Values
  p50: Values
  p95: Values
}

/** Of whole requests. Steps without a request stay out, as the tracker leaves them. */
export function toTrendSeries(buckets: Trends['buckets']): TrendSeries {
  const whole = buckets.filter(({ stage }) => stage === null)
  return {
    times: whole.map(({ from }) => Date.parse(from) / 1000),
    completed: whole.map(({ completed }) => completed),
    failed: whole.map(({ failed }) => failed),
    successPercent: whole.map(({ success_rate: rate }) => (rate === null ? null : rate * 100)),
    p50: whole.map(({ p50_duration_seconds: seconds }) => seconds),
    p95: whole.map(({ p95_duration_seconds: seconds }) => seconds),
  }
}
