import { ofOrganization } from './ofOrganization.ts'
import type { Pool } from './Pool.ts'
import { read } from './read.ts'

/** What was told of a stage so far. Times are microseconds since the epoch. */
export type StageRun = {
  /** The latest, from 1. */
  attempt: number
  startedUs: number | undefined
  attemptStartedUs: number | undefined
  /** That attempt failed, and another was announced. */
  isWaiting: boolean
}

/** Undefined where nothing was told of the stage, or the request is not of that organization. */
export async function findStageRun(
  pool: Pool,
  requestId: string,
  stage: string,
  organization: string | undefined,
): Promise<StageRun | undefined> {
  const row = await read<{ attempt: number; started_us: string | null; attempt_started_us: string | null; is_waiting: boolean }>(
    pool,
    'reading how a stage runs',
    (sql) => sql`
      select s.attempt, s.status = 'failed' and s.next_attempt_at is not null as is_waiting,
        epoch_us(s.started_at)::text as started_us,
        (
          select epoch_us(min(e.created_at))::text
          from request_events e
          where e.request_id = s.request_id and e.event_type = 'stage_started' and e.stage_name = s.stage_name
            and e.attempt = s.attempt
        ) as attempt_started_us
      from request_stages s
      where s.request_id = ${requestId}::uuid and s.stage_name = ${stage} and s.status <> 'pending'
        and exists (select from content_requests where id = s.request_id ${ofOrganization(sql, organization)})`,
  )
  return row && {
    attempt: row.attempt,
    startedUs: toNumber(row.started_us),
    attemptStartedUs: toNumber(row.attempt_started_us),
    isWaiting: row.is_waiting,
  }
}

const toNumber = (us: string | null): number | undefined => (us === null ? undefined : Number(us))
