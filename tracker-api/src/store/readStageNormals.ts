import type { Pool } from './Pool.ts'
import { readFigures, toMillis } from './readFigures.ts'
import { quantileOf } from './Sketch.ts'

const WEEK_US = 7 * 86_400_000_000

/** What a stage took in the seven days before a moment; stage null: whole requests. */
export type Normal = { stage: string | null; samples: number; p50Seconds: number; p95Seconds: number }

export async function findStageNormals(pool: Pool, atUs: number, organization: string | undefined): Promise<Normal[]> {
  const figures = await readFigures(pool, { fromUs: atUs - WEEK_US, toUs: atUs, organization }, 'all', 'UTC')
  return figures.flatMap(({ stage, completed, durations }) => {
    const p50Seconds = quantileOf(durations, 0.5)
    const p95Seconds = quantileOf(durations, 0.95)
    return completed === 0 || p50Seconds === null || p95Seconds === null ? [] : [{ stage, samples: completed, p50Seconds, p95Seconds }]
  })
}

/** JSON text `{items: [{stage, samples, p50_seconds, p95_seconds}]}`. */
export async function readStageNormals(pool: Pool, atUs: number, organization: string | undefined): Promise<string> {
  const normals = await findStageNormals(pool, atUs, organization)
  const items = normals.map(({ stage, samples, p50Seconds, p95Seconds }) => ({
    stage,
    samples,
    p50_seconds: toMillis(p50Seconds),
    p95_seconds: toMillis(p95Seconds),
  }))
  return JSON.stringify({ items })
}
