import type { Pool } from './Pool.ts'
import { readRow } from './read.ts'
import { requestAilments } from './requestAilments.ts'

/** Of a pipeline with requests under way: how many are late, and how many stalled. */
export type AilingRequests = { pipeline: string; late: number; stalled: number }

/** Looks at every request under way by itself: with 10,000 of them 0.3 s, where all of them have been silent for long. */
export async function readAilingRequests(pool: Pool): Promise<AilingRequests[]> {
  const { ailing } = await readRow<{ ailing: AilingRequests[] }>(pool, 'counting what ails', (sql) => {
    const { late, stalled } = requestAilments(sql)
    return sql`
      select coalesce(json_agg(a), '[]') as ailing
      from (
        select r.pipeline_name as pipeline, count(*) filter (where ${late}) as late, count(*) filter (where ${stalled}) as stalled
        from content_requests r
        where r.outcome is null
        group by r.pipeline_name
      ) a`
  })
  return ailing
}
