/**
 * Shapes of what is read over long time: trends, comparisons, outliers, normals, the history of breakers.
 * Conventions as in contract.ts.
 */
import { z } from 'zod'
import { breakerState, count, ratio, seconds, stageStatus, time } from './contract.ts'

/** Of requests created in a step; percentiles are within 1 %, durations those of what completed. */
export const trendFigures = z.object({
  /** When the step begins. */
  from: time,
  /** Null: whole requests. */
  stage: z.string().nullable(),
  /** The stage's place in its pipeline; null for whole requests. */
  order: z.number().int().nullable(),
  total: count,
  completed: count,
  failed: count,
  cancelled: count,
  skipped: count,
  retries: count,
  /** completed / (completed + failed); null while none has ended. */
  success_rate: ratio.nullable(),
  average_duration_seconds: seconds.nullable(),
  p50_duration_seconds: seconds.nullable(),
  p95_duration_seconds: seconds.nullable(),
  p99_duration_seconds: seconds.nullable(),
})
/** Oldest first, whole requests before their stages; steps without a request are left out. */
export const trends = z.object({ buckets: z.array(trendFigures) })
export type Trends = z.infer<typeof trends>

export const trendComparison = z.object({
  stages: z.array(
    z.object({
      stage: z.string().nullable(),
      order: z.number().int().nullable(),
      /** Null where there was no request. */
      now: trendFigures.nullable(),
      /** As much time, just before. */
      before: trendFigures.nullable(),
      /** The same time, a week earlier. */
      last_week: trendFigures.nullable(),
    }),
  ),
})
export type TrendComparison = z.infer<typeof trendComparison>

/**
 * At work: started and not ended; in the queue: created and not started. Averages are exact; a peak is the greatest
 * level at a full ten seconds, or on average between two.
 */
export const concurrency = z.object({
  average: z.number().nonnegative(),
  peak: count,
  queue_average: z.number().nonnegative(),
  queue_peak: count,
})
export type Concurrency = z.infer<typeof concurrency>

/** What stages took in the seven days before, by their order; stage null: whole requests. */
export const stageNormals = z.object({
  items: z.array(
    z.object({ stage: z.string().nullable(), samples: count, p50_seconds: seconds.nullable(), p95_seconds: seconds.nullable() }),
  ),
})
export type StageNormals = z.infer<typeof stageNormals>

/** The farthest from normal first. */
export const outliers = z.object({
  items: z.array(
    z.object({
      request_id: z.string(),
      correlation_id: z.string(),
      stage: z.string(),
      status: stageStatus,
      duration_seconds: seconds,
      normal_p50_seconds: seconds,
      normal_p95_seconds: seconds,
      /** Duration by the normal median. */
      ratio: z.number().nonnegative(),
    }),
  ),
})
export type Outliers = z.infer<typeof outliers>

/** When versions of services were first heard of, newest first: deploys, as far as `service.version` tells them. */
export const deployments = z.object({
  items: z.array(
    z.object({
      /** Of the sender's token; null: it may write for all, or there are no tokens. */
      organization_id: z.string().nullable(),
      service: z.string(),
      version: z.string(),
      first_seen_at: time,
      /** To an hour. */
      last_seen_at: time,
    }),
  ),
})
export type Deployments = z.infer<typeof deployments>

/** By name. */
export const organizations = z.object({ items: z.array(z.object({ organization_id: z.string() })) })
export type Organizations = z.infer<typeof organizations>

/** Newest first. */
export const breakerHistory = z.object({
  items: z.array(
    z.object({
      name: z.string(),
      service: z.string(),
      instance_id: z.string(),
      state: breakerState,
      /** Null where nobody said it. */
      previous_state: breakerState.nullable(),
      changed_at: time,
    }),
  ),
})
export type BreakerHistory = z.infer<typeof breakerHistory>
