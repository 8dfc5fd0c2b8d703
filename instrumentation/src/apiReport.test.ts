import { readFile } from 'node:fs/promises'
import { beforeAll, expect, it } from 'vitest'
import * as publicApi from './index.ts'
import { API_REPORT_FILE, createApiReport } from './testing/createApiReport.ts'

let report: string
beforeAll(async () => {
  report = await createApiReport()
}, 60_000)

it('is the committed one; after a change that is meant, run `npm run api`', async () => {
  expect(report).toBe(await readFile(API_REPORT_FILE, 'utf8'))
})

it('names every public value, each with TSDoc', () => {
  for (const name of Object.keys(publicApi)) expect(report).toMatch(new RegExp(`export .*\\b${name}\\b`))
  expect(report.split('\n').filter((line) => line.includes('ae-undocumented'))).toEqual([])
})
