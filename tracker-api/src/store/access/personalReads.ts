import type { Pool } from '../Pool.ts'
import { read, readRow } from '../read.ts'

/** An answer that holds names of students. */
export type PersonalRead = {
  tokenId: string
  /** The token's; undefined is all. */
  organization: string | undefined
  via: 'token' | 'session'
  /** A call's path below the API's base, its parameters in braces. */
  route: string
  /** Of the request in the path, in any spelling. */
  spelling: string | undefined
  query: Record<string, string | string[]>
  /** How many names; undefined where the answer goes on for as long as it is read. */
  names: number | undefined
}

/** Resolves when the read is on record; what throws must not be answered with data. */
export type RecordRead = (read: PersonalRead) => Promise<void>

type Waiting = { row: object; done: PromiseWithResolvers<void> }

/** Reads that come while others are being written share the next statement. */
export function createReadRecorder(pool: Pool): RecordRead {
  let waiting: Waiting[] = []
  let isWriting = false

  async function writeAll(): Promise<void> {
    isWriting = true
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      const rows = JSON.stringify(batch.map(({ row }) => row))
      await read(pool, 'recording who reads names', (sql) => sql`select record_personal_reads(${rows}::text::json)`).then(
        () => batch.forEach(({ done }) => done.resolve()),
        (error: unknown) => batch.forEach(({ done }) => done.reject(error)),
      )
    }
    isWriting = false
  }

  return ({ tokenId, organization, ...rest }) => {
    const done = Promise.withResolvers<void>()
    waiting.push({ row: { token_id: tokenId, organization_id: organization, ...rest }, done })
    if (!isWriting) void writeAll()
    return done.promise
  }
}

export type ReadsFilter = {
  /** Of tokens of this organization; undefined is all. */
  organization: string | undefined
  token: string | undefined
  fromUs: number | undefined
  toUs: number | undefined
  /** The ID that the page before ended with. */
  before: number | undefined
  limit: number
}

/** JSON text of the contract's `personalReadList`, newest first. */
export async function listPersonalReads(pool: Pool, { organization, token, fromUs, toUs, before, limit }: ReadsFilter): Promise<string> {
  const { list } = await readRow<{ list: string }>(
    pool,
    'listing who read names',
    (sql) => sql`
      with page as materialized (
        select p.*, t.name as token_name, row_number() over (order by p.id desc) as place
        from personal_reads p
        left join access_tokens t on t.id = p.token_id
        where (${organization ?? null}::text is null or p.organization_id = ${organization ?? null})
          and (${token ?? null}::text is null or p.token_id::text = ${token ?? null})
          and (${fromUs ?? null}::bigint is null or p.read_at >= timestamp_of_us(${fromUs ?? null}))
          and (${toUs ?? null}::bigint is null or p.read_at < timestamp_of_us(${toUs ?? null}))
          and (${before ?? null}::bigint is null or p.id < ${before ?? null})
        order by p.id desc
        limit ${limit + 1}::integer
      )
      select json_build_object(
        'items', coalesce(json_agg(json_build_object(
          'read_at', iso_utc(read_at), 'token_id', token_id, 'token_name', token_name, 'organization_id', organization_id,
          'via', via, 'route', route, 'request_id', request_id, 'query', query, 'names', names
        ) order by place) filter (where place <= ${limit}::integer), '[]'),
        'next_cursor', case when count(*) > ${limit}::integer then (max(id) filter (where place = ${limit}::integer))::text end
      )::text as list
      from page`,
  )
  return list
}
