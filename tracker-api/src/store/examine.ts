import postgres from 'postgres'
import { judgeVitals } from './judgeVitals.ts'
import type { Finding, Vitals } from './judgeVitals.ts'

/** Looks without changing anything; `known` are the names of this release's migrations. */
export async function examine(databaseUrl: string, known: readonly string[]): Promise<Finding[]> {
  const sql = postgres(databaseUrl, {
    max: 1,
    connect_timeout: 5,
    onnotice: () => {},
    connection: { application_name: 'vividly-doctor', statement_timeout: 10_000, default_transaction_read_only: true },
  })
  try {
    return judgeVitals(await readVitals(sql, known))
  } finally {
    await sql.end({ timeout: 1 })
  }
}

async function readVitals(sql: postgres.Sql, known: readonly string[]): Promise<Vitals> {
  const [schema] = await sql<Pick<Vitals, 'missing_migrations' | 'unknown_migrations'>[]>`
    select
      array(select k from unnest(${[...known]}::text[]) k where k not in (select name from schema_migrations) order by k)
        as missing_migrations,
      array(select name::text from schema_migrations where name <> all (${[...known]}::text[]) order by name)
        as unknown_migrations`.catch((error: unknown) => {
    if (error instanceof postgres.PostgresError && error.code === '42P01') return []
    throw error
  })
  const [server] = await sql<Omit<Vitals, 'missing_migrations' | 'unknown_migrations' | keyof Store>[]>`
    select
      current_setting('server_version_num')::integer as version,
      current_setting('fsync') as fsync,
      current_setting('synchronous_commit') as synchronous_commit,
      current_setting('max_connections')::integer as max_connections,
      (select count(*)::integer from pg_stat_activity where backend_type = 'client backend') as connections,
      (select coalesce(max(extract(epoch from now() - xact_start)), 0)::float8 from pg_stat_activity
        where datname = current_database()) as oldest_transaction_seconds`
  if (server === undefined) throw new Error('The server answered without a row')
  const migrations = schema ?? { missing_migrations: [...known], unknown_migrations: [] }
  const store = migrations.missing_migrations.length > 0 ? EMPTY_STORE : await readStore(sql)
  return { ...server, ...migrations, ...store }
}

type Store = Pick<Vitals, 'partitions' | 'marked_hours' | 'dead_letters_last_day' | 'newest_request_seconds'>
/** Of a database whose schema is not whole: its tables can't be asked. */
const EMPTY_STORE: Store = { partitions: [], marked_hours: 0, dead_letters_last_day: 0, newest_request_seconds: null }

async function readStore(sql: postgres.Sql): Promise<Store> {
  const [store] = await sql<Store[]>`
    select
      (select json_agg(json_build_object(
        'table', table_name,
        'ahead_seconds', extract(epoch from partitions_end_at(table_name) - now()),
        'overdue', (select count(*) from expired_partitions(now()) e where e.parent = table_name)
      )) from partition_policies) as partitions,
      (select count(*)::integer from request_metric_hours_due) as marked_hours,
      (select count(*)::integer from dead_letters where received_at > now() - interval '1 day') as dead_letters_last_day,
      (select extract(epoch from now() - max(created_at))::float8 from content_requests) as newest_request_seconds`
  if (store === undefined) throw new Error('The store answered without a row')
  return store
}
