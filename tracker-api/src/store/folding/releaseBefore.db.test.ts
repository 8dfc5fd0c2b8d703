import { traceIdOf } from '@vividly/instrumentation/identity'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LogSignal, SignalBatch, SpanSignal } from '../../signal.ts'
import { emptyTables, mergedState } from '../../testing/mergedState.ts'
import { signalsArbitrary, toBatch } from '../../testing/signalArbitraries.ts'
import type { AnySignal } from '../../testing/signalArbitraries.ts'
import { createTestDatabase } from '../../testing/testDatabase.ts'
import type { TestDatabase } from '../../testing/testDatabase.ts'
import { callRecordSignals } from '../callRecordSignals.ts'

/*
 * A tracker of the release before has the database read and fold (`record_signals_in_rows`). Both work side by side while
 * a new release comes, so both must make the same of the same signals. Goes when those functions go.
 */

let test_: TestDatabase
beforeAll(async () => {
  test_ = await createTestDatabase()
})
afterAll(() => test_.drop())

const numRuns = Number(process.env['RUNS'] ?? 60)
const startMs = Date.now()

test.each([
  ['one of ours', traceIdOf(`vvd_${startMs}_a1b2c3d4`)],
  ['a foreign trace', 'c1d17ab0000000000000000000000001'],
])('the signals of %s become the rows that the release before makes of them', async (_, traceId) => {
  await fc.assert(
    fc.asyncProperty(signalsArbitrary(traceId, startMs), async (signals) => {
      const batch = toBatch(signals.map(atItsOwnTime))
      await emptyTables(test_.sql)
      expect(await callRecordSignals({ run: async (_doing, query) => query(test_.sql) }, batch)).toEqual([])
      const folded = comparable(await mergedState(test_.sql))
      expect(folded).toMatchObject({ requests: [{ status: expect.any(String) }] })
      await emptyTables(test_.sql)
      await recordAsBefore(batch)
      expect(folded).toEqual(comparable(await mergedState(test_.sql)))
    }),
    { numRuns },
  )
})

/** Who is believed of several that say something at the same microsecond may be another: digests are made differently. */
function atItsOwnTime(signal: AnySignal, i: number): AnySignal {
  return 'span' in signal
    ? { span: { ...signal.span, ended_us: signal.span.ended_us + i } }
    : { log: { ...signal.log, time_us: signal.log.time_us + i } }
}

/** Without the digests, and what is named by them. */
function comparable(state: unknown): unknown {
  return JSON.parse(JSON.stringify(state), (key, value: unknown) => {
    if (key === 'claims' && typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value as { [field: string]: [number, string] }).map(([field, [us]]) => [field, us]))
    }
    if (key === 'events' && value !== null) return (value as { id: string; created_at: string }[]).map(({ id: _id, ...event }) => JSON.stringify(event)).toSorted()
    return key === 'digest' ? undefined : value
  })
}

const spanFields: readonly (keyof SpanSignal)[] = [
  'trace_id', 'span_id', 'parent_span_id', 'name', 'kind', 'started_us', 'ended_us', 'status_code', 'status_message',
  'attributes', 'exception', 'scope', 'service', 'host', 'instance',
]
const logFields: readonly (keyof LogSignal)[] = [
  'trace_id', 'span_id', 'event_name', 'message', 'severity', 'time_us', 'uid', 'attributes', 'service', 'host', 'instance',
]

async function recordAsBefore({ spans, logs }: SignalBatch): Promise<void> {
  const inRows = <Signal extends object>(signals: Signal[], fields: readonly (keyof Signal)[]): string =>
    JSON.stringify(signals.map((signal) => [...fields.map((field) => signal[field]), null, null]))
  const refused = await test_.sql`
    select from record_signals_in_rows(${inRows(spans, spanFields)}::text::jsonb, ${inRows(logs, logFields)}::text::jsonb, '[]')`
  expect(refused).toHaveLength(0)
}
