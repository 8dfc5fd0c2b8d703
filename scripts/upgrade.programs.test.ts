import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkOutRelease, releaseBefore } from './upgrade/checkOutRelease.ts'
import type { Release } from './upgrade/checkOutRelease.ts'
import { upgradeUnderLoad } from './upgrade/upgradeUnderLoad.ts'
import type { UpgradeResult } from './upgrade/upgradeUnderLoad.ts'

// Only a clone with its history has an older release.
const revision = await releaseBefore().catch(() => undefined)
let release: Release
let result: UpgradeResult
beforeAll(async () => {
  if (revision === undefined) return
  release = await checkOutRelease(revision)
  result = await upgradeUnderLoad({ from: release.folder, requests: 8, phaseSeconds: 6, say: () => {} })
}, 120_000)
afterAll(() => release?.remove())

const title = revision === undefined ? ' (skipped: no history to take an older release from)' : ''
test.skipIf(revision === undefined)(`a release and the one before it side by side lose nothing${title}`, () => {
  expect(result.migrations.length).toBeGreaterThan(0)
  expect(result.told.lifeCycle).toBeGreaterThan(50)
  expect(result.told).toMatchObject({ missing: 0, missingOthers: 0 })
  for (const { byStatus, failures } of [result.answers.old, result.answers.new]) {
    expect(failures).toEqual([])
    expect(byStatus.get(200)).toBeGreaterThan(20)
  }
  expect(result.misheard).toEqual({ old: [], new: [] })
})
