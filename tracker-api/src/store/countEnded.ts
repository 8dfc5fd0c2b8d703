import type { Pool } from './Pool.ts'
import { readRow } from './read.ts'

/** Adds what was created or ended since the last call to the counts that `readEndedCounts` reads; see `count_ended`. */
export async function countEnded(pool: Pool): Promise<void> {
  await readRow(pool, 'counting what has ended', (sql) => sql`select count_ended() as counted`)
}
