import type postgres from 'postgres'

type Fragment = postgres.PendingQuery<postgres.Row[]>

export type StageDefinition = { name: string; order: number; expectedSeconds: number; maxRetries: number }
/** What took of late, in seconds; see `stage_paces`. */
export type Pace = { p05: number; p50: number; p95: number }

/** What all rows of one reading are shown by. */
export type ReadingContext = {
  /** The database's clock. */
  nowMs: number
  /** By pipeline, in their order. */
  definitions: ReadonlyMap<string, readonly StageDefinition[]>
  /** By stage; under '' of whole requests. */
  paces: ReadonlyMap<string, Pace>
}

type Told = {
  now_ms: number
  definitions: [string, string, number, number, number][] | null
  paces: [string, number, number, number][] | null
}

/** JSON text for {@link toReadingContext}: of the pipelines that a condition on `pipeline_stage_definitions d` names. */
export const readingContext = (sql: postgres.Sql, ofPipelines: Fragment): Fragment => sql`
  json_build_object(
    'now_ms', extract(epoch from now()) * 1000,
    'definitions', (
      select json_agg(
        json_build_array(d.pipeline_name, d.stage_name, d.stage_order, d.expected_duration_seconds, d.max_retries)
        order by d.pipeline_name, d.stage_order
      )
      from pipeline_stage_definitions d where ${ofPipelines}
    ),
    'paces', (
      select json_agg(json_build_array(coalesce(n.stage_name, ''), n.p05_seconds, n.p50_seconds, n.p95_seconds))
      from stage_paces n
    )
  )::text`

export function toReadingContext(text: string): ReadingContext {
  const told = JSON.parse(text) as Told
  const definitions = new Map<string, StageDefinition[]>()
  for (const [pipeline, name, order, expectedSeconds, maxRetries] of told.definitions ?? []) {
    const stages = definitions.get(pipeline) ?? []
    stages.push({ name, order, expectedSeconds, maxRetries })
    definitions.set(pipeline, stages)
  }
  return {
    nowMs: told.now_ms,
    definitions,
    paces: new Map((told.paces ?? []).map(([stage, p05, p50, p95]) => [stage, { p05, p50, p95 }])),
  }
}
