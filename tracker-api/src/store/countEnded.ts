import type { Pool } from './Pool.ts'
import { readRow } from './read.ts'

/** Adds what was created or ended since the last call to the counts for Prometheus and for the dashboard; see `count_ended`, `sum_up_ended`. */
export async function countEnded(pool: Pool): Promise<void> {
  await readRow(pool, 'counting what has ended', (sql) => sql`select count_ended() as counted, sum_up_ended() as summed_up`)
}
