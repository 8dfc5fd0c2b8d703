import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { ITEMS_PER_REQUEST } from '../../../bench/ingest/makeWorkload.ts'

/** Nothing new for so long: what is missing is not on its way any more. */
const STILL_MS = 30_000

export type Stored = {
  /** Records and spans that were acknowledged and are not in Postgres, or are there twice. */
  missing: number
  /** Requests that are not completed though their end was acknowledged. */
  unfinished: number
  /** When the last of it was seen. */
  atMs: number
}

/** Waits until all that was told of these requests is in Postgres, or nothing comes any more. */
export async function waitUntilStored(databaseUrl: string, traceIds: readonly string[]): Promise<Stored> {
  const sql = postgres(databaseUrl, { max: 1 })
  const expected = traceIds.length * ITEMS_PER_REQUEST
  try {
    let best = { stored: -1, atMs: Date.now() }
    for (;;) {
      const [row] = await sql<{ records: number; spans: number; completed: number }[]>`
        with told as (select id::uuid as id from unnest(${traceIds as string[]}::text[]) id)
        select
          (select count(*) from told t join request_events e on e.request_id = t.id where not e.is_derived)::int as records,
          (select count(*) from told t join request_spans s on s.request_id = t.id)::int as spans,
          (select count(*) from told t join content_requests r on r.id = t.id where r.status = 'completed')::int as completed`
      const stored = (row?.records ?? 0) + (row?.spans ?? 0)
      if (stored !== best.stored) best = { stored, atMs: Date.now() }
      if (stored === expected || Date.now() - best.atMs > STILL_MS) {
        return { missing: expected - stored, unfinished: traceIds.length - (row?.completed ?? 0), atMs: best.atMs }
      }
      await sleep(200)
    }
  } finally {
    await sql.end()
  }
}
