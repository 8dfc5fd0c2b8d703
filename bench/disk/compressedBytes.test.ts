import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compressedBytes } from './compressedBytes.ts'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'vividly-disk-'))
})
afterAll(() => rm(dir, { recursive: true }))

async function fileOf(content: Buffer): Promise<string> {
  const file = join(dir, 'relation')
  await writeFile(file, content)
  return file
}

test('a record takes whole blocks, each record for itself', async () => {
  expect(await compressedBytes(await fileOf(Buffer.alloc(65_536)), 16_384)).toBe(4 * 4_096)
  expect(await compressedBytes(await fileOf(Buffer.alloc(65_536)), 65_536)).toBe(4_096)
})

test('what does not compress stays as it is', async () => {
  expect(await compressedBytes(await fileOf(randomBytes(40_960)), 16_384)).toBe(40_960)
})

test('half of a record of noise, half of zeros', async () => {
  const content = Buffer.concat([randomBytes(8_192 - 200), Buffer.alloc(8_192 + 200)])
  expect(await compressedBytes(await fileOf(content), 16_384)).toBe(8_192)
})
