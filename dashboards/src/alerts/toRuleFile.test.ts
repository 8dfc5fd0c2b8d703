import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { toRuleFile } from './toRuleFile.ts'

test('prometheus/rules.yaml is what the typed rules say; else run `npm run alerts`', async () => {
  const committed = await readFile(join(import.meta.dirname, '../../prometheus/rules.yaml'), 'utf8')
  expect(committed).toBe(toRuleFile())
})
