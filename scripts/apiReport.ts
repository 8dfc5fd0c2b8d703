/** `npm run api`: writes what services can import from the instrumentation into its API report. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { API_REPORT_FILE, createApiReport } from '../instrumentation/src/testing/createApiReport.ts'

await mkdir(dirname(API_REPORT_FILE), { recursive: true })
await writeFile(API_REPORT_FILE, await createApiReport())
console.log(`wrote ${API_REPORT_FILE}`)
