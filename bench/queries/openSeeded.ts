import { chmod, mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { migrate } from '@vividly/migrations/migrate'
import { startEmbeddedPostgres } from '@vividly/tracker-api/embeddedPostgres'
import type { EmbeddedPostgres } from '@vividly/tracker-api/embeddedPostgres'
import postgres from 'postgres'
import { seedRequests } from './seedRequests.ts'
import type { SeedOptions } from './seedRequests.ts'

export type Seeded = { server: EmbeddedPostgres; sql: postgres.Sql; close: () => Promise<void> }

/** A Postgres as the tracker starts it, with as many requests; what was seeded in the folder before is taken again. */
export async function openSeeded(dataDir: string, options: SeedOptions, say: (line: string) => void): Promise<Seeded> {
  await mkdir(dataDir, { recursive: true })
  await chmod(dirname(dataDir), 0o755)
  const server = await startEmbeddedPostgres({ dataDir })
  const sql = postgres(server.databaseUrl, { max: 2, onnotice: () => {} })
  const close = async () => {
    await sql.end({ timeout: 5 })
    await server.stop()
  }
  try {
    await migrate(server.databaseUrl, say)
    const [found] = await sql`select from content_requests limit 1`
    if (found === undefined) await seedRequests(sql, options, say)
    return { server, sql, close }
  } catch (error) {
    await close()
    throw error
  }
}
