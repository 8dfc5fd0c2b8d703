import { migrate } from '@vividly/migrations/migrate'
import { readConfig } from '../config.ts'
import { startEmbeddedPostgres } from '../embedded/embeddedPostgres.ts'
import { openDatabase } from '../store/database.ts'
import type { Database } from '../store/database.ts'

/** Does one piece of work on the tracker's database, migrated: the one given, else the embedded one, running or not. */
export async function withDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
  const { databaseUrl, dataDir } = readConfig()
  const embedded = databaseUrl === undefined ? await startEmbeddedPostgres({ dataDir }) : undefined
  try {
    const url = databaseUrl ?? embedded?.databaseUrl ?? ''
    await migrate(url)
    const database = openDatabase(url)
    try {
      return await work(database)
    } finally {
      await database.close()
    }
  } finally {
    await embedded?.stop()
  }
}
