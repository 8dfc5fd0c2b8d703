import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase } from '../../testing/testDatabase.ts'
import type { TestDatabase } from '../../testing/testDatabase.ts'
import { openDatabase } from '../database.ts'
import type { Database } from '../database.ts'
import { closeSession, openSession } from './accessSessions.ts'
import { createAccessToken, hasAccessToken, listAccessTokens, revokeAccessToken } from './accessTokens.ts'
import { createAccessReader } from './createAccessReader.ts'
import { isSecret } from './secret.ts'

let postgres: TestDatabase
let database: Database
beforeAll(async () => {
  postgres = await createTestDatabase()
  database = openDatabase(postgres.url)
})
afterAll(async () => {
  await database.close()
  await postgres.drop()
})

const wish = { name: 'page of north', organization: 'north', scopes: ['read', 'ingest'], days: 30 } as const

test('several tokens live at once, and a revoked one is over with its sessions', async () => {
  expect(await hasAccessToken(database.admin)).toBe(false)
  const [old, next] = [await createAccessToken(database.admin, wish), await createAccessToken(database.admin, wish)]
  const session = await openSession(database.admin, old.id)
  const findAccess = createAccessReader(database.admin, 0)
  const allowed = { organization: 'north', scopes: ['read', 'ingest'] }
  expect(await findAccess(old.secret)).toEqual({ tokenId: old.id, ...allowed })
  expect(await findAccess(session)).toEqual({ tokenId: old.id, ...allowed })
  expect(await revokeAccessToken(database.admin, old.id)).toBe(true)
  expect(await revokeAccessToken(database.admin, old.id)).toBe(false)
  expect(await revokeAccessToken(database.admin, 'nonsense')).toBe(false)
  expect(await findAccess(old.secret)).toBeUndefined()
  expect(await findAccess(session)).toBeUndefined()
  expect(await findAccess(next.secret)).toEqual({ tokenId: next.id, ...allowed })
  expect(await hasAccessToken(database.admin)).toBe(true)
  expect(await listAccessTokens(database.admin)).toMatchObject([
    { id: next.id, revoked_at: null, last_used_at: expect.any(String) },
    { id: old.id, revoked_at: expect.any(String) },
  ])
})

test('what has expired is over', async () => {
  const { id, secret } = await createAccessToken(database.admin, wish)
  const session = await openSession(database.admin, id)
  const findAccess = createAccessReader(database.admin, 0)
  await closeSession(database.admin, session)
  expect(await findAccess(session)).toBeUndefined()
  expect(await findAccess(secret)).toBeDefined()
  await postgres.sql`update access_tokens set expires_at = now() where id = ${id}`
  expect(await findAccess(secret)).toBeUndefined()
})

test('the secret is nowhere in the database, and a look is kept for a while', async () => {
  const { id, secret } = await createAccessToken(database.admin, wish)
  expect(isSecret(secret, 'token')).toBe(true)
  const [row] = await postgres.sql<{ row: string }[]>`select t::text as row from access_tokens t where id = ${id}`
  expect(row?.row).not.toContain(secret.slice(5))
  const findAccess = createAccessReader(database.admin, 60_000)
  expect(await findAccess(secret)).toBeDefined()
  await revokeAccessToken(database.admin, id)
  expect(await findAccess(secret)).toBeDefined()
})
