import type { RequestRow } from '@vividly/tracker-api/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { sampleBreaker, sampleRequest, toRow } from '../../page/testing/sampleRequests.ts'
import { applyFound, applyFrames, applyJudged, applySnapshot, emptyLiveData, ENDED_KEPT, forgetFound } from './liveData.ts'
import type { Frame, LiveData } from './liveData.ts'

const NOW_MS = 1_795_000_000_000
const IDS = [0, 1, 2, 3].map((index) => row(index).id)

function row(index: number, version = 1, outcome?: 'completed' | 'failed'): RequestRow {
  const ended = outcome ? { outcome, endedAgoS: index } : {}
  return toRow(
    sampleRequest({ index, nowMs: NOW_MS, ageS: 10_000 + index, topic: `v${version}`, student: null, version, ...ended }),
  )
}

const requestFrame = fc
  .record({ index: fc.nat({ max: 3 }), version: fc.integer({ min: 1, max: 6 }) })
  .map(({ index, version }): Frame => ({ type: 'request', data: { row: row(index, version), version } }))
const removeFrame = fc
  .record({ index: fc.nat({ max: 3 }), version: fc.integer({ min: 1, max: 6 }) })
  .map(({ index, version }): Frame => ({ type: 'remove', data: { id: row(index).id, version } }))
const breakerFrame = fc
  .record({ name: fc.constantFrom('gemini', 'nano_banana'), version: fc.integer({ min: 1, max: 6 }) })
  .map(({ name, version }): Frame => ({
    type: 'circuit_breaker',
    data: { row: { ...sampleBreaker(name, 'closed', NOW_MS), calls: version }, version },
  }))
const frames = fc.array(fc.oneof(requestFrame, removeFrame, breakerFrame), { maxLength: 30 })

/** What must stand after all of them: the highest version of each, unless it left at that version or later. */
function highest(all: readonly Frame[]): Record<string, number> {
  const best: Record<string, number> = {}
  const gone: Record<string, number> = {}
  for (const frame of all) {
    if (frame.type === 'request') best[frame.data.row.id] = Math.max(best[frame.data.row.id] ?? 0, frame.data.version)
    if (frame.type === 'remove') gone[frame.data.id] = Math.max(gone[frame.data.id] ?? 0, frame.data.version)
    if (frame.type === 'circuit_breaker') {
      best[frame.data.row.name] = Math.max(best[frame.data.row.name] ?? 0, frame.data.version)
    }
  }
  return Object.fromEntries(Object.entries(best).filter(([key, version]) => version > (gone[key] ?? 0)))
}

function versions(data: LiveData): Record<string, number> {
  return Object.fromEntries([
    ...[...data.requests].map(([id, { version }]) => [id, version] as const),
    ...[...data.breakers].map(([name, { version }]) => [name, version] as const),
  ])
}

describe('applyFrames', () => {
  it('ends with the highest versions, whatever the order, the repetition and the batches', () => {
    fc.assert(
      fc.property(
        frames.chain((all) =>
          fc.record({
            all: fc.constant(all),
            shuffled: fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2, maxLength: all.length * 2 }),
            cut: fc.nat({ max: all.length * 2 }),
          }),
        ),
        ({ all, shuffled, cut }) => {
          const data = applyFrames(applyFrames(emptyLiveData, shuffled.slice(0, cut)), shuffled.slice(cut))
          expect(versions(data)).toEqual(highest(all))
          for (const [, shown] of data.requests) expect(shown.topic).toBe(`v${shown.version}`)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('keeps its identity when nothing is new, so that nothing is drawn again', () => {
    const once = applyFrames(emptyLiveData, [{ type: 'request', data: { row: row(0, 3), version: 3 } }])
    expect(applyFrames(once, [{ type: 'request', data: { row: row(0, 2), version: 2 } }])).toBe(once)
    expect(applyFrames(once, [{ type: 'bye', data: { reason: 'drain', retry_ms: 10 } }])).toBe(once)
  })

  it('keeps every active request and a bounded number of ended ones, the latest', () => {
    const active = Array.from({ length: 700 }, (_, index): Frame => ({ type: 'request', data: { row: row(index), version: 1 } }))
    const ended = Array.from(
      { length: 700 },
      (_, index): Frame => ({ type: 'request', data: { row: row(1_000 + index, 1, 'completed'), version: 1 } }),
    )
    const data = applyFrames(emptyLiveData, [...active, ...ended])
    expect(data.requests.size).toBe(700 + ENDED_KEPT)
    expect(data.requests.has(row(1_000, 1, 'completed').id)).toBe(true)
    expect(data.requests.has(row(1_699, 1, 'completed').id)).toBe(false)
    // An older state of a request that was let go does not come back as if it were running.
    expect(applyFrames(data, [{ type: 'request', data: { row: row(1_699, 1), version: 1 } }])).toBe(data)
  })
})

describe('applySnapshot', () => {
  it('replaces what was there, even by lower versions: a restored database counts anew', () => {
    const before = applyFrames(emptyLiveData, [
      { type: 'request', data: { row: row(0, 9), version: 9 } },
      { type: 'remove', data: { id: IDS[1] ?? '', version: 9 } },
    ])
    const stats = { active: 1, pending: 0, completed_today: 0, failed_today: 0, success_rate: null, average_duration_seconds: null, timezone: 'UTC' }
    const after = applySnapshot(before, { rows: [row(0, 2), row(1, 1), row(0, 1)], breakers: [], breakersHidden: true, stats, hasAllActive: true })
    expect(versions(after)).toEqual({ [IDS[0] ?? '']: 2, [IDS[1] ?? '']: 1 })
    expect(after.breakersHidden).toBe(true)
  })
})

describe('applyJudged', () => {
  it('tells of the version that is shown that it became late or stalled, and nothing else', () => {
    const before = applyFrames(emptyLiveData, [0, 1].map((index): Frame => ({ type: 'request', data: { row: row(index, 5), version: 5 } })))
    const late = { ...row(0, 5), is_late: true }
    const after = applyJudged(before, [late, { ...row(1, 4), is_stalled: true }, { ...row(2, 1), is_stalled: true }])
    expect([after.requests.get(late.id)?.is_late, after.requests.get(row(1).id)?.is_stalled, after.requests.size]).toEqual([true, false, 2])
    expect(applyJudged(after, [late])).toBe(after)
  })
})

describe('applyFound', () => {
  it('keeps what each asker found until its next answer, and never an older state', () => {
    const [one, other] = [{}, {}]
    const before = applyFrames(emptyLiveData, [{ type: 'request', data: { row: row(0, 5), version: 5 } }])
    const found = applyFound(before, one, [row(0, 4), row(9, 1, 'failed')])
    expect(versions(found)).toEqual({ [row(0).id]: 5, [row(9, 1, 'failed').id]: 1 })
    expect(found.pins.get(one)).toEqual(new Set([row(0).id, row(9, 1, 'failed').id]))

    const [early, earlier] = [row(5_000, 1, 'failed'), row(5_001, 1, 'failed')]
    const both = applyFound(applyFound(found, one, [early]), other, [earlier])
    const crowd = (from: number): Frame[] =>
      Array.from({ length: ENDED_KEPT }, (_, index) => ({ type: 'request', data: { row: row(from + index, 1, 'completed'), version: 1 } }))
    const crowded = applyFrames(both, [...crowd(1_000), ...crowd(2_000)])
    expect(crowded.requests.has(early.id) && crowded.requests.has(earlier.id)).toBe(true)
    const forgotten = applyFrames(forgetFound(crowded, one), crowd(3_000))
    expect(forgotten.pins).toEqual(new Map([[other, new Set([earlier.id])]]))
    expect([forgotten.requests.has(early.id), forgotten.requests.has(earlier.id)]).toEqual([false, true])
  })
})
