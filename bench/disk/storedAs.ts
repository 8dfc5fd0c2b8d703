import type postgres from 'postgres'
import { cpuSeconds } from '../ingest/cpuSeconds.ts'
import { compressedBytes } from './compressedBytes.ts'
import { occupiedBytes } from './occupiedBytes.ts'

export type ItemTable = 'request_events' | 'request_spans'
/** Bytes an item on disk, indexes included, in each form; microseconds of Postgres' CPU an item for making or reading one. */
export type Forms = Record<string, number>

/** Column order without holes: what needs alignment first. */
const DENSE_COLUMNS: Record<ItemTable, string> = {
  request_events:
    'request_id, id, created_at, received_at, attempt, severity, is_derived, event_type, event_message, stage_name, span_id, source_service, source_host, event_data',
  request_spans:
    'request_id, started_at, ended_at, received_at, kind, status_code, span_id, parent_span_id, name, status_message, scope, source_service, source_host, source_instance, attributes',
}
const KEY: Record<ItemTable, string> = { request_events: 'request_id, id', request_spans: 'request_id, span_id' }

/** What the rows of one table take as they were written, and what they would take otherwise. Rebuilds its indexes. */
export async function storedAs(sql: postgres.Sql, table: ItemTable, postmaster: number): Promise<Forms> {
  await sql`vacuum analyze ${sql(table)}`
  const [{ items } = { items: 0 }] = await sql<{ items: number }[]>`select count(*)::integer as items from ${sql(table)}`
  const files = await filesOf(sql, table)
  const forms: Forms = {
    'as written': (await bytesOf(sql, table)) / items,
    'as written, blocks of this file system': (await occupiedBytes(files)) / items,
  }
  for (const kilobytes of [16, 128]) {
    const sizes = await Promise.all(files.map((file) => compressedBytes(file, kilobytes * 1024)))
    forms[`as written, zstd in records of ${kilobytes} kB`] = sizes.reduce((sum, bytes) => sum + bytes, 0) / items
  }
  await sql`reindex table ${sql(table)}`
  forms['indexes rebuilt'] = (await bytesOf(sql, table)) / items

  await sql.unsafe(`create table dense as select ${DENSE_COLUMNS[table]} from ${table} order by received_at`)
  await sql.unsafe(`alter table dense add primary key (${KEY[table]})`)
  forms['indexes rebuilt, columns without holes'] = (await bytesOf(sql, 'dense')) / items

  await sql`create table packed (request_id uuid primary key, items jsonb not null)`
  const cpuUs = async (statement: string): Promise<number> => {
    const before = await cpuSeconds(postmaster)
    await sql.unsafe(statement)
    return (((await cpuSeconds(postmaster)) - before) / items) * 1e6
  }
  const pack = await cpuUs(`insert into packed select request_id, jsonb_agg(to_jsonb(t) - 'request_id') from ${table} t group by request_id`)
  const unpack = await cpuUs(`select sum(length(t::text)) from packed, jsonb_populate_recordset(null::${table}, items) t`)
  forms['packed, one value a request'] = (await bytesOf(sql, 'packed')) / items
  forms['CPU of packing, µs'] = pack
  forms['CPU of unpacking, µs'] = unpack
  await sql`drop table dense, packed`
  return forms
}

/** Of a table and its partitions, with indexes and what lies out of line. */
async function bytesOf(sql: postgres.Sql, table: string): Promise<number> {
  const [row] = await sql<{ bytes: string }[]>`
    select sum(pg_total_relation_size(part)) as bytes
    from (select ${table}::regclass as part union select relid from pg_partition_tree(${table}::regclass))`
  return Number(row?.bytes)
}

/** Of its heap and indexes, as they stand on disk now. */
async function filesOf(sql: postgres.Sql, table: string): Promise<string[]> {
  await sql`checkpoint`
  const files = await sql<{ path: string }[]>`
    select current_setting('data_directory') || '/' || pg_relation_filepath(file) as path
    from pg_partition_tree(${table}::regclass) t,
      lateral (select t.relid union all select indexrelid from pg_index where indrelid = t.relid) f (file)
    where t.isleaf and pg_relation_size(file) > 0`
  return files.map(({ path }) => path)
}
