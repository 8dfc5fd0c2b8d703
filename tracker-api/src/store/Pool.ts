import postgres from 'postgres'
import { StoreUnavailable } from './StoreUnavailable.ts'
import { traceQuery } from './traceQuery.ts'

export type PoolOptions = {
  /** Shown in pg_stat_activity. */
  name: string
  maxConnections: number
  /** Postgres ends a statement that takes longer (57014). */
  statementTimeoutMs: number
  /** Our own limit, a little above: it holds when Postgres is frozen or the network swallows packets. */
  deadlineMs: number
  /** Postgres ends a statement that waits longer for one lock (55P03). Default: as long as the statement may take. */
  lockTimeoutMs?: number
  /** Each statement is planned once a connection, not at every call: for those whose best plan no parameter changes. */
  plansOnce?: boolean
  /** Connections are kept however long nothing is asked; else they end after a minute of silence. */
  staysConnected?: boolean
  /** What the login works as, with that one's rights only; else as itself. */
  role?: string | undefined
}

/**
 * Connections for one kind of work. Every query ends by its deadline, whatever the server or the driver does:
 * postgres.js can wait for ever on a frozen backend (porsager/postgres#1130), so the connections are then replaced.
 */
export class Pool {
  readonly #databaseUrl: string
  readonly #options: PoolOptions
  #sql: postgres.Sql

  constructor(databaseUrl: string, options: PoolOptions) {
    this.#databaseUrl = databaseUrl
    this.#options = options
    this.#sql = this.#connect()
  }

  /**
   * Runs one query. `doing` completes "while …" in the error.
   * Throws {@link StoreUnavailable} past the deadline, else what Postgres or the driver threw.
   */
  run<T extends readonly postgres.MaybeRow[]>(
    doing: string,
    query: (sql: postgres.Sql) => postgres.PendingQuery<T>,
  ): Promise<postgres.RowList<T>> {
    return traceQuery(doing, () => this.#run(doing, query))
  }

  async #run<T extends readonly postgres.MaybeRow[]>(
    doing: string,
    query: (sql: postgres.Sql) => postgres.PendingQuery<T>,
  ): Promise<postgres.RowList<T>> {
    const sql = this.#sql
    let timer: NodeJS.Timeout | undefined
    const expired = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#replace(sql)
        reject(new StoreUnavailable(`Postgres did not answer within ${this.#options.deadlineMs} ms while ${doing}`))
      }, this.#options.deadlineMs)
    })
    const answer = this.ask(sql, query)
    answer.catch(() => {})
    try {
      return await Promise.race([answer, expired])
    } finally {
      clearTimeout(timer)
    }
  }

  /** Waits up to a second for what is under way; `end` of the driver alone may never resolve. */
  async close(): Promise<void> {
    await end(this.#sql, 1)
  }

  /** Sends the query. */
  protected ask<T extends readonly postgres.MaybeRow[]>(
    sql: postgres.Sql,
    query: (sql: postgres.Sql) => postgres.PendingQuery<T>,
  ): Promise<postgres.RowList<T>> {
    return query(sql).execute()
  }

  #replace(stuck: postgres.Sql): void {
    if (stuck !== this.#sql) return
    this.#sql = this.#connect()
    void end(stuck, 0)
  }

  #connect(): postgres.Sql {
    const { name, maxConnections, statementTimeoutMs, lockTimeoutMs = 0, plansOnce, staysConnected, role } = this.#options
    return postgres(this.#databaseUrl, {
      max: maxConnections,
      connect_timeout: 2,
      idle_timeout: staysConnected ? 0 : 60,
      onnotice: () => {},
      connection: {
        application_name: name,
        statement_timeout: statementTimeoutMs,
        lock_timeout: lockTimeoutMs,
        TimeZone: 'UTC',
        DateStyle: 'ISO',
        jit: 'off',
        ...(role !== undefined && { role }),
        ...(plansOnce && { plan_cache_mode: 'force_generic_plan' }),
      },
    })
  }
}

async function end(sql: postgres.Sql, timeoutSeconds: number): Promise<void> {
  const { promise: limit, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, timeoutSeconds * 1000 + 200)
  await Promise.race([sql.end({ timeout: timeoutSeconds }).catch(() => {}), limit])
  clearTimeout(timer)
}
