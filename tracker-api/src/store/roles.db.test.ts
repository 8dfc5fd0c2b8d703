import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { beginStory, exampleLogs, tell } from '../testing/tellStory.ts'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'
import { inOrganization } from './access/inOrganization.ts'
import { openDatabase } from './database.ts'
import type { Database } from './database.ts'
import { findRoles, ROLES } from './findRoles.ts'
import type { Pool } from './Pool.ts'
import { recordSignals } from './recordSignals.ts'

let scratch: TestDatabase
let database: Database
const [north, south] = [beginStory(Date.now() - 60_000), beginStory(Date.now() - 50_000)]
beforeAll(async () => {
  scratch = await createTestDatabase()
  await tell(scratch.sql, exampleLogs(north), [north.span('ab'.repeat(8), 0, 1, {})])
  await tell(scratch.sql, exampleLogs(south, { 'vividly.organization.id': 'south' }), [south.span('cd'.repeat(8), 0, 1, {})])
  database = openDatabase(scratch.url, await findRoles(scratch.url))
})
afterAll(async () => {
  await database.close()
  await scratch.drop()
})

/** 42501: the role may not. */
async function stateOf(pool: Pool, statement: string): Promise<string> {
  try {
    await pool.run('trying', (sql) => sql.unsafe(statement))
    return 'done'
  } catch (error) {
    return error instanceof postgres.PostgresError ? error.code : String(error)
  }
}

test('the tracker works as roles that own nothing and can’t get round the policies', async () => {
  const roles = await scratch.sql`
    select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin from pg_roles where rolname = any (${Object.values(ROLES)})`
  expect(roles).toHaveLength(4)
  for (const { rolname, ...rights } of roles) expect([rolname, Object.values(rights)]).toEqual([rolname, [false, false, false, false, false]])
  const [owned] = await scratch.sql`select count(*)::int as count from pg_class where pg_get_userbyid(relowner) = any (${Object.values(ROLES)})`
  expect(owned).toEqual({ count: 0 })
  const [who] = await database.ingest.run('asking', (sql) => sql`select current_user::text as who`)
  expect(who).toEqual({ who: ROLES.ingest })
})

test.each([
  ['ingest', 'select * from access_tokens'],
  ['ingest', 'select * from access_sessions'],
  ['ingest', 'select * from personal_reads'],
  ['ingest', 'select * from erasures'],
  ['ingest', 'delete from content_requests'],
  ['ingest', 'delete from request_events'],
  ['ingest', 'delete from erased_requests'],
  ['ingest', `update partition_policies set keep = '1 day'`],
  ['ingest', 'drop table content_requests'],
  ['ingest', 'alter table content_requests disable row level security'],
  ['ingest', 'truncate content_requests'],
  ['ingest', 'create table public.mine (id integer)'],
  ['read', 'select * from access_tokens'],
  ['read', 'select * from personal_reads'],
  ['read', `update content_requests set topic = 'x'`],
  ['read', `insert into students values ('north', 's', 'n', now())`],
  ['read', 'delete from request_spans'],
  ['read', 'drop table content_requests'],
  ['callers', `update content_requests set topic = 'x'`],
  ['callers', 'select * from access_tokens'],
  ['callers', 'select * from circuit_breakers'],
  ['callers', 'select * from change_log'],
  ['callers', 'select * from ended_counts'],
  ['admin', 'drop table access_tokens'],
  ['admin', 'truncate content_requests'],
  ['admin', 'alter table content_requests disable row level security'],
] as const)('%s may not: %s', async (name, statement) => {
  const as = () => stateOf(database[name], statement)
  expect(await (name === 'callers' ? inOrganization('north', as) : as())).toBe('42501')
})

test('a caller of one organization sees its rows only, in every table and with no filter at all', async () => {
  const tables = ['content_requests', 'request_stages', 'request_events', 'request_spans', 'students', 'request_status_changes']
  for (const table of tables) {
    const count = async (organization: string): Promise<number> =>
      inOrganization(organization, async () => {
        const [row] = await database.callers.run('counting', (sql) => sql<{ count: number }[]>`select count(*)::int as count from ${sql(table)}`)
        return row?.count ?? -1
      })
    const [all] = await scratch.sql<{ count: number }[]>`select count(*)::int as count from ${scratch.sql(table)}`
    const [ofNorth, ofSouth] = [await count('north'), await count('south')]
    expect([table, ofNorth > 0, ofNorth + ofSouth]).toEqual([table, true, all?.count])
    expect([table, await count('east'), await count('')]).toEqual([table, 0, 0])
  }
})

test('many callers at once never hear each other’s', async () => {
  const asked = Array.from({ length: 300 }, (_, i) => (i % 3 === 0 ? 'south' : 'north'))
  const heard = await Promise.all(
    asked.map((organization) =>
      inOrganization(organization, async () => {
        const rows = await database.callers.run('reading', (sql) => sql<{ organization_id: string }[]>`select organization_id from content_requests`)
        return rows.map((row) => row.organization_id).join(',')
      }),
    ),
  )
  expect(heard).toEqual(asked)
})

test('a statement that forgets who asks sees nothing', async () => {
  const sql = postgres(scratch.url, { max: 1, connection: { role: ROLES.tenant } })
  expect(await sql`select id from content_requests`).toEqual([])
  await sql.end()
})

test('ingest does all its work as its role, a missing partition included', async () => {
  const old = beginStory(Date.now() - 40 * 86_400_000)
  const fresh = beginStory(Date.now() - 10_000)
  const [day] = await scratch.sql<{ name: string }[]>`
    select max(c.relname) as name from pg_class c join pg_inherits i on i.inhrelid = c.oid
    where i.inhparent = 'request_events'::regclass and c.relname ~ '_\\d{4}_\\d{2}_\\d{2}$' and c.relname <= 'request_events_' || to_char(now(), 'YYYY_MM_DD')`
  await scratch.sql`drop table ${scratch.sql(day?.name ?? '')}`
  const logs = [...exampleLogs(fresh), fresh.log('vividly.circuit_breaker.state_changed', 1, { 'vividly.circuit_breaker.name': 'b', 'vividly.circuit_breaker.state': 'open' })]
  const batch = { spans: [fresh.span('ef'.repeat(8), 0, 1)], logs: [...logs, old.log('vividly.request.created', 0)], refusals: [] }
  expect((await recordSignals(database, batch)).refused).toMatchObject([{ reason: 'too_old' }])
  const [row] = await scratch.sql`select count(*)::int as count from request_events where request_id = ${fresh.requestId}`
  expect(row?.['count']).toBeGreaterThan(5)
})

test('where the login may not take the roles the tracker is told so', async () => {
  const name = `plain_${Math.random().toString(36).slice(2)}`
  await scratch.sql.unsafe(`create role ${name} login password '${name}'`)
  const url = new URL(scratch.url)
  url.username = name
  url.password = name
  expect(await findRoles(url.href)).toBeUndefined()
  await scratch.sql.unsafe(`drop role ${name}`)
})
