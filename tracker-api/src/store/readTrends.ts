import type { Pool } from './Pool.ts'
import { readFigures, toMillis } from './readFigures.ts'
import type { Figures, TrendStep, Window } from './readFigures.ts'
import { quantileOf } from './Sketch.ts'

/** JSON text `{buckets: [{from, stage, …figures}]}`; stage null: whole requests. With `stage`, of that one only. */
export async function readTrends(
  pool: Pool,
  window: Window,
  step: TrendStep,
  timezone: string,
  stage?: string,
): Promise<string> {
  const figures = await readFigures(pool, window, step, timezone)
  return JSON.stringify({ buckets: figures.filter((one) => stage === undefined || one.stage === stage).map(toTrend) })
}

/** The contract's `trend`. Percentiles are within 1 %. */
export function toTrend({ durations, averageSeconds, from, stage, order, ...counters }: Figures): Record<string, unknown> {
  const { completed, failed } = counters
  return {
    from,
    stage,
    order,
    ...counters,
    success_rate: completed + failed === 0 ? null : Math.round((completed / (completed + failed)) * 10_000) / 10_000,
    average_duration_seconds: toMillis(averageSeconds),
    p50_duration_seconds: toMillis(quantileOf(durations, 0.5)),
    p95_duration_seconds: toMillis(quantileOf(durations, 0.95)),
    p99_duration_seconds: toMillis(quantileOf(durations, 0.99)),
  }
}
