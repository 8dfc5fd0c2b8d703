import { traceIdOf } from '@vividly/instrumentation/identity'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { emptyTables } from '../testing/mergedState.ts'
import { signalsArbitrary, toBatch } from '../testing/signalArbitraries.ts'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'
import { callRecordSignals } from './callRecordSignals.ts'

let test_: TestDatabase
beforeAll(async () => {
  test_ = await createTestDatabase()
})
afterAll(() => test_.drop())

const startMs = Date.now()
const requests = ['a1b2c3d4', '0badcafe', '12345678'].map((random) => traceIdOf(`vvd_${startMs}_${random}`))
const foreign = 'c1d17ab0000000000000000000000001'

const write = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...requests, foreign).chain((traceId) =>
    signalsArbitrary(traceId, startMs).map((signals) => ({ kind: 'tell' as const, signals })),
  ) },
  fc.record({ kind: fc.constant('set' as const), status: fc.constantFrom('pending', 'generating_video', 'failed', 'completed') }),
  fc.record({ kind: fc.constant('stage' as const), status: fc.constantFrom('in_progress', 'failed', 'completed') }),
  fc.record({ kind: fc.constant('give' as const), organization: fc.constantFrom('north', null) }),
  fc.constant({ kind: 'delete' as const }),
  fc.constant({ kind: 'rebuild' as const }),
)

test('the table holds what is in flight, whoever writes what in whatever order', async () => {
  const { sql } = test_
  await fc.assert(
    fc.asyncProperty(fc.array(write, { minLength: 1, maxLength: 10 }), fc.nat(3), async (writes, n) => {
      await emptyTables(sql)
      const one = (requests[n] ?? foreign.replace('c1d', 'c1e')).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
      for (const step of writes) {
        if (step.kind === 'tell') await callRecordSignals({ run: async (_doing, query) => query(sql) }, toBatch(step.signals))
        else if (step.kind === 'set') await sql`update content_requests set status = ${step.status}::request_status where id = ${one}`
        else if (step.kind === 'stage') await sql`update request_stages set status = ${step.status}::stage_status where request_id = ${one}`
        else if (step.kind === 'give') {
          await sql`update content_requests set organization_id = ${step.organization} where id = ${one}`
          await sql`select derive_requests(array[${one}::uuid])`
        } else if (step.kind === 'delete') await sql`delete from content_requests where id = ${one}`
        else await sql`select make_requests_in_flight()`
        expect(await inFlight()).toEqual(await counted())
      }
    }),
    { numRuns: Number(process.env['RUNS'] ?? 60) },
  )
})

test('what was in flight in a partition that is dropped is in flight no more', async () => {
  const { sql } = test_
  await emptyTables(sql)
  await sql`insert into content_requests (id) values (${requests[0] ?? ''}), (${requests[1] ?? ''})`
  await sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`
    await tx`delete from content_requests where id = ${requests[0] ?? ''}`
  })
  expect(await sql`select leave_flight_with_partitions() as left`).toEqual([{ left: 1 }])
  expect(await inFlight()).toEqual(await counted())
})

const inFlight = () => test_.sql`select request_id, created_at, organization_id, status, stage from requests_in_flight order by 1`

const counted = () => test_.sql`
  select id as request_id, created_at, organization_id, status, coalesce(current_stage, error_stage) as stage
  from content_requests where outcome is null order by 1`
