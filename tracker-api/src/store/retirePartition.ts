import type postgres from 'postgres'

export type ExpiredPartition = {
  parent: string
  partition: string
  /** `detaching`: a detach was cut off halfway. */
  state: 'attached' | 'detaching' | 'detached'
}

/**
 * Takes a partition off its table and drops it, from wherever an earlier try stopped. Detaching concurrently blocks
 * neither writers nor readers of the table; nobody knows the partition any more when it is dropped.
 */
export async function retirePartition(sql: postgres.Sql, { parent, partition, state }: ExpiredPartition): Promise<void> {
  if (state === 'attached') await sql`alter table ${sql(parent)} detach partition ${sql(partition)} concurrently`
  if (state === 'detaching') await sql`alter table ${sql(parent)} detach partition ${sql(partition)} finalize`
  await sql`drop table if exists ${sql(partition)}`
}
