import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'
import { findRequests } from './findRequests.ts'
import { Pool } from './Pool.ts'

const ALL = 12_000
const DAY_US = 86_400_000_000
const nowUs = Date.now() * 1000

let database: TestDatabase
let pool: Pool
beforeAll(async () => {
  database = await createTestDatabase()
  pool = new Pool(database.url, { name: 'test', maxConnections: 1, statementTimeoutMs: 10_000, deadlineMs: 11_000, plansOnce: true })
  // One a second, back from now; by number: every 3,000th of the old ones is rare, every other is frequent.
  await database.sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`
    await tx`select ensure_partitions_of(array(select request_id_of(format('vvd_%s_%s', ${nowUs / 1000}::bigint - n * 1000::bigint, lpad(to_hex(n), 8, '0'))) from generate_series(1, ${ALL}::integer) n))`
    await tx`
      insert into content_requests (id, organization_id, student_id, topic, status, outcome, created_at, error_details)
      select request_id_of(format('vvd_%s_%s', ${nowUs / 1000}::bigint - n * 1000::bigint, lpad(to_hex(n), 8, '0'))),
        'org-' || n % 2, 'student-' || n % 100, case when n % 3000 = 0 then 'Rare Quokka' when n % 2 = 0 then 'Frequent Volcano' else '100% zq' end,
        -- One of the rare ones is still at work.
        case when n = 9000 then 'validating' else 'failed' end::request_status, case when n <> 9000 then 'failed' end::request_status, timestamp_of_us(${nowUs}::bigint - n * 1000000::bigint),
        jsonb_build_object(case when n % 4000 = 0 then 'error.type' else 'exception.type' end, case when n % 4000 < 2 then 'RareError' else 'TimeoutError' end)
      from generate_series(1, ${ALL}::integer) n`
    await tx`insert into students (organization_id, student_id, full_name, named_at) values ('org-1', 'student-77', 'Ada Lovelace', now())`
  })
  await database.sql`analyze content_requests`
})
afterAll(async () => {
  await pool.close()
  await database.drop()
})

/** The numbers of all that a filter finds, through pages of `limit`. */
async function found(filter: Parameters<typeof findRequests>[1], limit: number): Promise<number[]> {
  const numbers: number[] = []
  let page = await findRequests(pool, filter, limit)
  for (;;) {
    for (const { correlation_id } of JSON.parse(page.items) as { correlation_id: string }[]) numbers.push(parseInt(correlation_id.slice(-8), 16))
    if (page.next === undefined) return numbers
    page = await findRequests(pool, filter, limit, page.next)
  }
}
const numbersWhere = (holds: (n: number) => boolean) => Array.from({ length: ALL }, (_, i) => i + 1).filter(holds)

test.each([
  ['what is rare and old', { text: 'quokka' }, (n: number) => n % 3000 === 0],
  ['case and place in the text aside', { text: 'UOKK' }, (n: number) => n % 3000 === 0],
  ['of one organization', { text: 'quokka', organization: 'org-1' }, () => false],
  ['within times', { text: 'quokka', fromUs: nowUs - 10_000_000_000, toUs: nowUs - 5_000_000_000 }, (n: number) => n === 6000 || n === 9000],
  ['by a name that only students have', { text: 'lovelace' }, (n: number) => n % 100 === 77],
  ['of a hidden name nothing', { text: 'lovelace', hidesNames: true }, () => false],
  ['signs that patterns are made of', { text: '100% zq', toUs: nowUs - 11_990_000_000 }, (n: number) => n > 11_990 && n % 2 === 1 && n % 3000 !== 0],
  ['a rare error by either name', { errorType: 'RareError' }, (n: number) => n % 4000 < 2],
  ['a rare error of one organization', { errorType: 'RareError', organization: 'org-1' }, (n: number) => n % 4000 === 1],
] as const)('finds %s, page by page, near and far, each once and newest first', async (_, filter, holds) => {
  expect(await found(filter, 3)).toEqual(numbersWhere(holds))
})

test('what is frequent fills the first page and goes on far behind it', async () => {
  expect((await found({ text: 'volcano' }, 200)).length).toBe(numbersWhere((n) => n % 2 === 0 && n % 3000 !== 0).length)
})

test('two letters are looked for among the newest', async () => {
  const first = await findRequests(pool, { text: 'zq', fromUs: nowUs - DAY_US }, 5)
  expect(JSON.parse(first.items)).toHaveLength(5)
})
