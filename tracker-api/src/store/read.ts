import postgres from 'postgres'
import type { Pool } from './Pool.ts'
import { StoreUnavailable } from './StoreUnavailable.ts'

/** A query; see {@link read}. */
export type ReadQuery<T extends postgres.MaybeRow> = (sql: postgres.Sql) => postgres.PendingQuery<T[]>

/**
 * Runs a query. `doing` completes "while …" in errors.
 * Throws {@link StoreUnavailable} when the database can't answer now; any other error is a mistake of ours.
 */
export async function readRows<T extends postgres.MaybeRow>(pool: Pool, doing: string, query: ReadQuery<T>): Promise<readonly T[]> {
  try {
    return await pool.run(doing, query)
  } catch (cause) {
    if (cause instanceof StoreUnavailable) throw cause
    if (isMistake(cause)) throw new Error(`Postgres refused the query while ${doing}`, { cause })
    throw new StoreUnavailable(`The database failed while ${doing}`, { cause })
  }
}

/** {@link readRows} of a query that gives at most one row. */
export async function read<T extends postgres.MaybeRow>(pool: Pool, doing: string, query: ReadQuery<T>): Promise<T | undefined> {
  const [row] = await readRows(pool, doing, query)
  return row
}

/** {@link read} of a query that always gives a row. */
export async function readRow<T extends postgres.MaybeRow>(pool: Pool, doing: string, query: ReadQuery<T>): Promise<T> {
  const row = await read(pool, doing, query)
  if (row === undefined) throw new Error(`No row came while ${doing}`)
  return row
}

/** Data exceptions (22), and whatever is wrong with the statement itself (42): the same again gives the same. */
function isMistake(error: unknown): boolean {
  return error instanceof postgres.PostgresError && /^(22|42)/.test(error.code)
}
