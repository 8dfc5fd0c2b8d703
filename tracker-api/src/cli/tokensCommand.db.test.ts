import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

type Ended = { code: number | string; stdout: string; stderr: string }

function tokens(...args: string[]): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>()
  const env = { PATH: process.env['PATH'], DATABASE_URL: database.url }
  execFile(process.execPath, [main, 'tokens', ...args], { env }, (error, stdout, stderr) =>
    resolve({ code: error?.code ?? 0, stdout, stderr }),
  )
  return promise
}

test('a token is made, shown once, listed and revoked', { timeout: 60_000 }, async () => {
  const made = await tokens('create', '--name', 'page', '--organization', 'north', '--scopes', 'read', '--json')
  const { id, secret } = JSON.parse(made.stdout) as { id: string; secret: string }
  expect(secret).toMatch(/^vvdt_[\w-]{43}$/)
  const listed = await tokens('list', '--json')
  expect(JSON.parse(listed.stdout)).toMatchObject({ items: [{ id, name: 'page', organization_id: 'north', scopes: ['read'] }] })
  expect(listed.stdout).not.toContain(secret)
  expect(await tokens('revoke', id)).toMatchObject({ code: 0, stdout: expect.stringContaining('is revoked') })
  expect(await tokens('revoke', id)).toMatchObject({ code: 1, stderr: expect.stringContaining('no living token') })
  expect((await tokens('list')).stdout).toContain('revoked')
})

test.each([
  [['create', '--name', 'x', '--scopes', 'read'], 'either --organization'],
  [['create', '--name', 'x', '--scopes', 'write', '--all-organizations'], 'Known are ingest'],
  [['create', '--name', 'x', '--scopes', 'read', '--all-organizations', '--days', '0'], 'whole number'],
])('%j is refused', { timeout: 60_000 }, async (args, message) => {
  expect(await tokens(...args)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(message) })
})
