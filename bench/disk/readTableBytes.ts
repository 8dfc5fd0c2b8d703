import type postgres from 'postgres'

export type TableBytes = { table: string; rows: number; heap: number; indexes: number }

/** Each table that holds anything, its partitions together, the largest first; heap includes what lies out of line. */
export async function readTableBytes(sql: postgres.Sql): Promise<TableBytes[]> {
  await sql`vacuum analyze`
  return sql<TableBytes[]>`
    select coalesce(pg_partition_root(c.oid), c.oid)::regclass::text as table, sum(greatest(c.reltuples, 0))::float8 as rows,
      sum(pg_table_size(c.oid))::float8 as heap, sum(pg_indexes_size(c.oid))::float8 as indexes
    from pg_class c
    where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.reltuples > 0
    group by 1
    order by sum(pg_total_relation_size(c.oid)) desc`
}
