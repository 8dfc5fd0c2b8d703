import type postgres from 'postgres'
import { Pool } from '../../tracker-api/src/store/Pool.ts'

/** As `explain (format json)` tells it, as far as it is read here. */
export type PlanNode = { 'Node Type': string; 'Relation Name'?: string; 'Index Name'?: string; Plans?: PlanNode[] }

/** The tracker's own pool, which tells how long each statement took, or by which plan it is answered. */
export class ObservedPool extends Pool {
  /** Milliseconds, of each statement since it was last emptied. */
  readonly tookMs: number[] = []
  /** Of each statement; gathered while `explains`. */
  readonly plans: PlanNode[] = []
  explains = false

  override async run<T extends readonly postgres.MaybeRow[]>(
    doing: string,
    query: (sql: postgres.Sql) => postgres.PendingQuery<T>,
  ): Promise<postgres.RowList<T>> {
    if (this.explains) {
      type Explained = { 'QUERY PLAN': { Plan: PlanNode }[] }
      const rows = await super.run(doing, (sql) => sql<Explained[]>`explain (format json, costs off) ${query(sql)}`)
      this.plans.push(...rows.flatMap((row) => row['QUERY PLAN'].map(({ Plan }) => Plan)))
    }
    const startedMs = performance.now()
    try {
      return await super.run(doing, query)
    } finally {
      this.tookMs.push(performance.now() - startedMs)
    }
  }
}
