import type postgres from 'postgres'
import { findKnown } from './findKnown.ts'
import type { ObservedMonitoring } from './openMonitoring.ts'
import { readCalls } from './readCalls.ts'
import { toPlanShape } from './toPlanShape.ts'

/** The file of a plan's shape. */
export const planFile = (name: string): URL => new URL(`plans/${name}.txt`, import.meta.url)

/** The shape of each call's plans, as text: a way to a table a line. */
export async function explainCalls(sql: postgres.Sql, { pool, fetchJson }: ObservedMonitoring): Promise<Map<string, string>> {
  const known = await findKnown(sql, fetchJson)
  const rows = await sql<{ name: string }[]>`
    select c.relname as name from pg_class c where c.relispartition and c.relkind = 'r' and c.reltuples < 2000`
  const tiny = new Set(rows.map(({ name }) => name))
  const shapes = new Map<string, string>()
  pool.explains = true
  for (const { name, path } of readCalls) {
    pool.plans.length = 0
    await fetchJson(path(known, 0))
    shapes.set(name, `${toPlanShape(pool.plans, tiny).join('\n')}\n`)
  }
  pool.explains = false
  return shapes
}
