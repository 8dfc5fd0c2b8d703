/** `npm run schema`: writes migrations/schema.sql from a freshly migrated database. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dumpSchema } from '@vividly/migrations/dumpSchema'
import { migrate } from '@vividly/migrations/migrate'
import { startEmbeddedPostgres } from '@vividly/tracker-api/embeddedPostgres'

const file = join(import.meta.dirname, '../migrations/schema.sql')
const dir = await mkdtemp(join(tmpdir(), 'vividly-schema-'))
await chmod(dir, 0o755)
const server = await startEmbeddedPostgres({ dataDir: dir, settings: { fsync: 'off' } })
try {
  await migrate(server.databaseUrl, console.error)
  await writeFile(file, await dumpSchema(server.databaseUrl))
  console.log(`wrote ${file}`)
} finally {
  await server.stop()
  await rm(dir, { recursive: true, force: true })
}
