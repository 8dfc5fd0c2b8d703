import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { sampleMorning, sampleRequest, toRow } from '../../page/testing/sampleRequests.ts'
import { findRequestId, matchesFilter, NARROWINGS, NO_FILTER, readPlace, STATUS_FILTERS, toRequestQuery, withFixedTimes, writePlace } from './filter.ts'
import type { Place } from './filter.ts'

const NOW_MS = new Date(2026, 10, 23, 12).getTime()
const NOTHING_FOUND: ReadonlySet<string> = new Set()

describe('the address', () => {
  it('gives back the place it was written for', () => {
    const places: fc.Arbitrary<Place> = fc.record({
      filter: fc.record({
        status: fc.constantFrom(...STATUS_FILTERS),
        endedToday: fc.boolean(),
        text: fc.string({ unit: 'grapheme' }),
        narrow: fc.dictionary(fc.constantFrom(...NARROWINGS), fc.string({ unit: 'grapheme', minLength: 1 }), { noNullPrototype: true }),
        oldestFirst: fc.boolean(),
      }),
      requestId: fc.option(fc.string({ unit: 'grapheme', minLength: 1 }), { nil: undefined }),
    })
    fc.assert(
      fc.property(places, (place) => {
        expect(readPlace(writePlace(place))).toEqual(place)
      }),
    )
  })

  it('is empty for the plain page, and takes what it does not know for nothing', () => {
    expect(writePlace({ filter: NO_FILTER, requestId: undefined })).toBe('')
    expect(readPlace('?status=__proto__&request=')).toEqual({ filter: NO_FILTER, requestId: undefined })
  })
})

describe('a link to a list', () => {
  it('names points in time, so that it shows the same tomorrow', () => {
    const nowMs = Date.parse('2026-11-24T12:00:00.000Z')
    const fixed = withFixedTimes(readPlace('?stage=rag_retrieval&from=now-30m&to=now'), nowMs)
    expect(fixed.filter.narrow).toEqual({ stage: 'rag_retrieval', from: '2026-11-24T11:30:00.000Z', to: '2026-11-24T12:00:00.000Z' })
    expect(withFixedTimes(fixed, nowMs + 86_400_000)).toEqual(fixed)
  })
})

describe('links in alerts', () => {
  it.each([
    ['?status=pending&from=now-30m', 'waiting'],
    ['?status=completed&from=now-30m', 'done'],
    ['?stage=video_generation&status=active&sort=oldest&from=now-30m', 'active'],
  ])('%s', (search, status) => {
    expect(readPlace(search).filter.status).toBe(status)
  })

  it('ask the tracker for the time they name, counted back from when they are opened', () => {
    const { filter } = readPlace('?status=failed&stage=video_generation&from=now-30m')
    expect(toRequestQuery(filter, NOW_MS)).toEqual({
      status: ['failed'],
      stage: 'video_generation',
      from: new Date(NOW_MS - 30 * 60_000).toISOString(),
    })
  })
})

describe('the list', () => {
  const rows = sampleMorning(NOW_MS).map(toRow)
  const count = (status: (typeof STATUS_FILTERS)[number], endedToday = false) =>
    rows.filter((row) => matchesFilter(row, { ...NO_FILTER, status, endedToday }, NOTHING_FOUND, NOW_MS)).length

  it('puts each request into exactly one state', () => {
    expect(count('all')).toBe(rows.length)
    expect(count('active')).toBe(count('waiting') + count('running') + count('retrying'))
    expect(count('active') + count('failed') + count('done') + count('cancelled')).toBe(rows.length)
  })

  it('narrows by what a row says, and by what only the tracker knows', () => {
    const [row] = rows
    if (!row) throw new Error('the sample is empty')
    const passes = (narrow: Partial<Record<(typeof NARROWINGS)[number], string>>, found = NOTHING_FOUND) =>
      matchesFilter(row, { ...NO_FILTER, narrow }, found, NOW_MS)
    expect(passes({ stage: row.current_stage ?? row.error_stage ?? '' })).toBe(true)
    expect(passes({ stage: 'elsewhere' })).toBe(false)
    expect(passes({ organization: 'elsewhere' })).toBe(false)
    expect(passes({ from: row.created_at })).toBe(true)
    expect(passes({ to: row.created_at })).toBe(false)
    expect(passes({ breaker: 'gemini' })).toBe(false)
    expect(passes({ breaker: 'gemini' }, new Set([row.id]))).toBe(true)
  })

  it('lists what the cards count: today is the day on which it ended', () => {
    const yesterday = toRow(
      sampleRequest({ index: 90, nowMs: NOW_MS, ageS: 90_000, topic: null, student: null, outcome: 'failed', endedAgoS: 50_000 }),
    )
    const overnight = toRow(
      sampleRequest({ index: 91, nowMs: NOW_MS, ageS: 50_000, topic: null, student: null, outcome: 'failed', endedAgoS: 100 }),
    )
    const failedToday = { ...NO_FILTER, status: 'failed', endedToday: true } as const
    expect(matchesFilter(yesterday, failedToday, NOTHING_FOUND, NOW_MS)).toBe(false)
    expect(matchesFilter(overnight, failedToday, NOTHING_FOUND, NOW_MS)).toBe(true)
    expect(Date.parse(toRequestQuery(failedToday, NOW_MS).from ?? '')).toBeLessThan(Date.parse(overnight.created_at))
  })

  it('finds by each spelling of the ID, by name and by topic, and keeps what only the tracker could find', () => {
    const [row] = rows
    if (!row) throw new Error('the sample is empty')
    const texts = [row.id, row.trace_id.toUpperCase(), row.correlation_id, 'jane', 'photo']
    expect(texts.filter((text) => !matchesFilter(row, { ...NO_FILTER, text }, NOTHING_FOUND, NOW_MS))).toEqual([])
    expect(matchesFilter(row, { ...NO_FILTER, text: 'elsewhere' }, NOTHING_FOUND, NOW_MS)).toBe(false)
    expect(matchesFilter(row, { ...NO_FILTER, text: 'elsewhere' }, new Set([row.id]), NOW_MS)).toBe(true)
  })
})

describe('findRequestId', () => {
  const id = 'vvd_1709234567890_a1b2c3d4'
  const trace = 'c1d17092345678900d601345a1b2c3d4'
  it.each([
    [`Ticket 4711: ${id.toUpperCase()}, see above`, id],
    [`http://127.0.0.1/monitoring/dashboard?request=${id}&q=x`, id],
    [`00-${trace}-0d601345a1b2c3d4-01`, trace],
    ['c1d17092-3456-7890-0d60-1345a1b2c3d4', 'c1d17092-3456-7890-0d60-1345a1b2c3d4'],
    ['photosynthesis', undefined],
    [`f${trace}`, undefined],
  ])('reads %s', (text, expected) => {
    expect(findRequestId(text)).toBe(expected)
  })
})
