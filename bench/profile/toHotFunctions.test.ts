import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { toHotFunctions } from './toHotFunctions.ts'

test('time is added up by function, wherever it was called from', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vividly-profile-'))
  const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 4 })
  const nodes = [
    { id: 1, callFrame: frame('decode', 'file:///a/otlp/decode.ts') },
    { id: 2, callFrame: frame('decode', 'file:///a/otlp/decode.ts') },
    { id: 3, callFrame: frame('(idle)') },
  ]
  await writeFile(join(folder, 'one.cpuprofile'), JSON.stringify({ nodes, samples: [1, 3, 2], timeDeltas: [1_000, 6_000, 3_000] }))
  await writeFile(join(folder, 'other.cpuprofile'), '{}')
  expect(await toHotFunctions(folder, 5)).toEqual([
    { share: '60.0 %', 'ms': 6, in: '(idle)' },
    { share: '40.0 %', 'ms': 4, in: 'decode otlp/decode.ts:5' },
  ])
  await rm(folder, { recursive: true })
})
