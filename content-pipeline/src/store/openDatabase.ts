import pg from 'pg'
import { SAMPLE_STUDENTS } from './students.ts'

/** Of all processes that prepare these tables at the same moment, one does and the others wait. */
const PREPARE_LOCK = 4_715_002

/** The pipeline's own tables. The job queue's are in schema `pgboss`, the tracker's in `public`; neither is read here. */
const TABLES = `
create schema if not exists content_pipeline;
create table if not exists content_pipeline.students (
  student_id text primary key,
  full_name text not null,
  email text not null,
  organization_id text not null,
  permissions text[] not null
);
create table if not exists content_pipeline.requests (
  correlation_id text primary key,
  student_id text not null,
  student_name text,
  organization_id text,
  topic text not null,
  learning_objective text,
  state text not null default 'accepted' check (state in ('accepted', 'completed', 'failed')),
  results jsonb not null default '{}',
  accepted_at timestamptz not null default now(),
  ended_at timestamptz
);`

/** Connects, and makes the tables and sample students if they are not there. */
export async function openDatabase(databaseUrl: string): Promise<pg.Pool> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 4, application_name: 'content-pipeline', statement_timeout: 10_000 })
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => {})
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query('select pg_advisory_xact_lock($1)', [PREPARE_LOCK])
    await client.query(TABLES)
    for (const { studentId, fullName, email, organizationId, permissions } of SAMPLE_STUDENTS) {
      await client.query(
        `insert into content_pipeline.students (student_id, full_name, email, organization_id, permissions)
         values ($1, $2, $3, $4, $5) on conflict do nothing`,
        [studentId, fullName, email, organizationId, permissions],
      )
    }
    await client.query('commit')
    client.release()
  } catch (error) {
    client.release(true)
    await pool.end()
    throw new Error('Could not prepare the tables of the content pipeline', { cause: error })
  }
  return pool
}
