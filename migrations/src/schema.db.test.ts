import { readFile } from 'node:fs/promises'
import { createTestDatabase } from '@vividly/tracker-api/testing'
import { expect, test } from 'vitest'
import { dumpSchema } from './dumpSchema.ts'

test('schema.sql is what the migrations make', async () => {
  const migrated = await createTestDatabase()
  const fresh = await dumpSchema(migrated.url)
  await migrated.drop()
  const committed = await readFile(new URL('../schema.sql', import.meta.url), 'utf8')
  expect(committed, 'the migrations make another schema: run `npm run schema` and commit migrations/schema.sql').toBe(fresh)
})
