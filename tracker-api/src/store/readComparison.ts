import type { Pool } from './Pool.ts'
import { readFigures } from './readFigures.ts'
import type { Figures, Window } from './readFigures.ts'
import { toTrend } from './readTrends.ts'

const WEEK_US = 7 * 86_400_000_000

/**
 * JSON text `{stages: [{stage, order, now, before, last_week}]}`: the figures of a window beside those of as much time
 * just before it and of the same time a week earlier, null where there were none. Stage null: whole requests.
 */
export async function readComparison(pool: Pool, window: Window): Promise<string> {
  const { fromUs, toUs, organization } = window
  const figures = (startUs: number, endUs: number): Promise<Figures[]> =>
    readFigures(pool, { fromUs: startUs, toUs: endUs, organization }, 'all', 'UTC')
  const [now, before, lastWeek] = await Promise.all([
    figures(fromUs, toUs),
    figures(fromUs - (toUs - fromUs), fromUs),
    figures(fromUs - WEEK_US, toUs - WEEK_US),
  ])
  const of = (all: readonly Figures[], stage: string | null): object | null => {
    const found = all.find((one) => one.stage === stage)
    return found === undefined ? null : toTrend(found)
  }
  const seen = new Map([...lastWeek, ...before, ...now].map((one) => [one.stage, one.order]))
  const stages = [...seen]
    .toSorted(([, a], [, b]) => (a ?? 0) - (b ?? 0))
    .map(([stage, order]) => ({
      stage,
      order,
      now: of(now, stage),
      before: of(before, stage),
      last_week: of(lastWeek, stage),
    }))
  return JSON.stringify({ stages })
}
