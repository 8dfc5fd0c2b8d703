import { migrate } from '@vividly/migrations/migrate'
import { readConfig } from '../config.ts'
import { startEmbeddedPostgres } from '../embedded/embeddedPostgres.ts'
import { openDatabase } from '../store/database.ts'
import type { Database } from '../store/database.ts'

/** Does one piece of work on the tracker's database, migrated; see {@link withDatabaseUrl}. */
export function withDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
  return withDatabaseUrl(async (url) => {
    await migrate(url)
    const database = openDatabase(url)
    try {
      return await work(database)
    } finally {
      await database.close()
    }
  })
}

/** Does one piece of work on the tracker's database as it is: the one given, else the embedded one, running or not. */
export async function withDatabaseUrl<T>(work: (databaseUrl: string) => Promise<T>): Promise<T> {
  const { databaseUrl, dataDir } = readConfig()
  if (databaseUrl !== undefined) return work(databaseUrl)
  const embedded = await startEmbeddedPostgres({ dataDir })
  try {
    return await work(embedded.databaseUrl)
  } finally {
    await embedded.stop()
  }
}
