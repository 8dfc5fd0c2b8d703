import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase } from '../tracker-api/src/testing/testDatabase.ts'
import type { TestDatabase } from '../tracker-api/src/testing/testDatabase.ts'
import { startTrackerProcess } from '../tracker-api/src/testing/trackerProcess.ts'
import type { TrackerProcess } from '../tracker-api/src/testing/trackerProcess.ts'

const script = join(import.meta.dirname, 'curl/track.sh')
const missing = ['bash', 'curl', 'sha256sum'].filter((program) => spawnSync(program, ['--version']).status !== 0)

let database: TestDatabase
let tracker: TrackerProcess
beforeAll(async () => {
  database = await createTestDatabase()
  tracker = await startTrackerProcess(database.url)
})
afterAll(async () => {
  await tracker?.stop()
  await database?.drop()
})

const reason = missing.length > 0 ? ` (skipped: no ${missing.join(', ')} here)` : ''
test.skipIf(missing.length > 0)(`a shell script with curl tracks a request from its creation to its end${reason}`, async () => {
  const env = { PATH: process.env['PATH'], TRACKER_URL: tracker.url }
  const { stdout } = await promisify(execFile)('bash', [script, 'Ebb and flow'], { env })
  const answer = await fetch(`${tracker.url}/api/v1/monitoring/requests/${stdout.trim()}`)
  expect(await answer.json()).toMatchObject({
    correlation_id: stdout.trim(),
    status: 'completed',
    progress_percentage: 100,
    topic: 'Ebb and flow',
    student_id: 's-1001',
    video_url: 'https://videos.example.org/1.mp4',
    retry_count: 1,
    stages: [
      { name: 'validation', status: 'completed', retry_count: 0 },
      { name: 'rag_retrieval', status: 'completed', retry_count: 1 },
      { status: 'pending' },
      { status: 'pending' },
      { status: 'pending' },
      { status: 'pending' },
    ],
  })
})
