import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'

let test_: TestDatabase
beforeAll(async () => {
  test_ = await createTestDatabase()
})
afterAll(() => test_.drop())

test('partitions keep as much of a page free as their rows change, those made later and the permanent ones too', async () => {
  await test_.sql`select ensure_partitions(now() + interval '1 year')`
  const rows = await test_.sql<{ parent: string; fills: number[] }[]>`
    select i.inhparent::regclass::text as parent,
      array_agg(distinct coalesce((select option_value::integer from pg_options_to_table(c.reloptions) where option_name = 'fillfactor'), 100)) as fills
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where c.relkind = 'r'
    group by 1`
  expect(Object.fromEntries(rows.map(({ parent, fills }) => [parent, fills]))).toEqual({
    content_requests: [50], request_stages: [85], request_events: [100], request_spans: [100],
  })
})
