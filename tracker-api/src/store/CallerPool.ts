import type postgres from 'postgres'
import { boundOrganization } from './access/inOrganization.ts'
import { Pool } from './Pool.ts'
import type { PoolOptions } from './Pool.ts'

/** How long a connection may take to open before it is closed all the same. */
const OPENING_MS = 2_500

/**
 * Reads for callers: inside of `inOrganization` as the role that sees one organization, else as `all` does. It is the wall
 * behind the filters that each query has of its own.
 *
 * The organization is named on the connection before each query: both go out together, so it costs no round trip.
 * Should the naming fail, the query's answer is thrown away.
 */
export class CallerPool extends Pool {
  readonly #all: Pool
  readonly #opening = new Set<Promise<unknown>>()

  constructor(databaseUrl: string, tenants: PoolOptions, all: Pool) {
    super(databaseUrl, tenants)
    this.#all = all
  }

  override run<T extends readonly postgres.MaybeRow[]>(
    doing: string,
    query: (sql: postgres.Sql) => postgres.PendingQuery<T>,
  ): Promise<postgres.RowList<T>> {
    return boundOrganization() === undefined ? this.#all.run(doing, query) : super.run(doing, query)
  }

  protected override async ask<T extends readonly postgres.MaybeRow[]>(
    sql: postgres.Sql,
    query: (sql: postgres.Sql) => postgres.PendingQuery<T>,
  ): Promise<postgres.RowList<T>> {
    const connection = await this.#reserve(sql)
    try {
      const named = connection`select set_config('vividly.organization', ${boundOrganization() ?? ''}, false)`.execute()
      const [answer] = await Promise.all([query(connection).execute(), named])
      return answer
    } finally {
      connection.release()
    }
  }

  async #reserve(sql: postgres.Sql): Promise<postgres.ReservedSql> {
    const opening = sql.reserve()
    this.#opening.add(opening)
    try {
      return await opening
    } finally {
      this.#opening.delete(opening)
    }
  }

  /** Lets connections open first: nobody can catch what becomes of one that is closed meanwhile. */
  override async close(): Promise<void> {
    const { promise: limit, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, OPENING_MS)
    await Promise.race([Promise.allSettled(this.#opening), limit])
    clearTimeout(timer)
    await super.close()
  }
}
