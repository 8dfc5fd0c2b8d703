// One service of the outage: keeps requests in flight until it is ended, and notes every call it made. After a kill
// the next process goes on with those that the notes show unfinished.
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { RequestTracker, startInstrumentation } from '@vividly/instrumentation'
import { DEFAULT_STAGES } from '@vividly/instrumentation/semconv'
import type { Note } from './compare.ts'

const [, , name = 'service', requests = '10', notesFile = ''] = process.argv
const STAGE_MS = [1000, 3000] as const
const A_LONG_TIME_MS = 3_600_000

startInstrumentation({ serviceName: name })
const tracker = new RequestTracker()

// Told that it will be ended: from then on it calls nothing, so that all it called can be expected to arrive.
let isEnding = false
process.once('message', () => {
  isEnding = true
})
async function pause(): Promise<void> {
  await sleep(400)
  if (isEnding) await sleep(A_LONG_TIME_MS)
}

const note = (id: string, event: string, stage?: string, attempt?: number): void => {
  const line: Note = { id, event, ...(stage && { stage }), ...(attempt && { attempt }), atMs: Date.now() }
  appendFileSync(notesFile, `${JSON.stringify(line)}\n`)
}

async function runStage(id: string, stage: (typeof DEFAULT_STAGES)[number], attempt: number): Promise<void> {
  tracker.startStage(id, stage, { attempt })
  note(id, 'stage_started', stage, attempt)
  const [leastMs, mostMs] = STAGE_MS
  const endMs = Date.now() + leastMs + Math.random() * (mostMs - leastMs)
  while (Date.now() < endMs) {
    tracker.logEvent(id, 'api_call', { message: `${stage} asks its provider`, data: { filler: 'x'.repeat(300) } })
    note(id, 'api_call')
    await pause()
  }
  tracker.completeStage(id, stage, { attempt })
  note(id, 'stage_completed', stage, attempt)
}

async function runRequest(id: string, from: number, attempt: number): Promise<void> {
  for (const [at, stage] of DEFAULT_STAGES.entries()) {
    if (at >= from) await runStage(id, stage, at === from ? attempt : 1)
  }
  tracker.completeRequest(id)
  note(id, 'request_completed')
}

async function keepOneInFlight(slot: number, unfinished: [string, Note[]] | undefined): Promise<void> {
  if (unfinished !== undefined) {
    const [id, notes] = unfinished
    const done = notes.filter(({ event }) => event === 'stage_completed').length
    const tries = notes.filter(({ event, stage }) => event === 'stage_started' && stage === DEFAULT_STAGES[done])
    await runRequest(id, done, tries.length + 1)
  }
  for (;;) {
    const { correlationId: id } = tracker.createRequest({ studentId: `${name}-${slot}`, topic: 'An outage' })
    note(id, 'request_created')
    await runRequest(id, 0, 1)
  }
}

const noted = existsSync(notesFile) ? readFileSync(notesFile, 'utf8').split('\n').filter(Boolean) : []
const byRequest = Map.groupBy(
  noted.map((line) => JSON.parse(line) as Note),
  ({ id }) => id,
)
const unfinished = [...byRequest].filter(([, notes]) => !notes.some(({ event }) => event === 'request_completed'))
await Promise.all(Array.from({ length: Number(requests) }, (_, slot) => keepOneInFlight(slot, unfinished[slot])))
