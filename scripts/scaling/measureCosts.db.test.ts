import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { createTestDatabase } from '@vividly/tracker-api/testing'
import { expect, test } from 'vitest'
import { measureCosts } from './measureCosts.ts'
import type { Costs } from './measureCosts.ts'

test('what one request takes on wire and disk is what docs/scaling.md reckons with', async () => {
  const known = JSON.parse(await readFile(join(import.meta.dirname, 'measured.json'), 'utf8')) as Costs
  const database = await createTestDatabase()
  // CPU and speed are this moment's and not compared, so that a second of them will do.
  const costs = await measureCosts(database.url, process.pid, { requests: 300, liveSeconds: 1, cores: availableParallelism() })
  await database.drop()
  expect(costs.items).toBe(known.items)
  expect(costs.live.nodeCpuMs).toBeGreaterThan(0)
  expect(costs.check.measuredCores).toBeGreaterThan(0)
  for (const key of ['wireBytes', 'keptLongBytes', 'keptShortBytes'] as const) {
    expect([key, Math.abs(costs[key] / known[key] - 1) < 0.35]).toEqual([key, true])
  }
})
