import { Readable } from 'node:stream'
import { Hono } from 'hono'
import type { RequestRow } from '../contract.ts'
import { findRequests } from '../store/findRequests.ts'
import type { RequestPage } from '../store/findRequests.ts'
import type { Pool } from '../store/Pool.ts'
import type { RequestFilter } from '../store/RequestFilter.ts'
import { seesNames } from './access/accessOf.ts'
import { parseQuery } from './parseQuery.ts'
import { problemResponse } from './problem.ts'
import { requestFilterQuery, toRequestFilter } from './requestFilterQuery.ts'
import { toCsvLine } from './toCsvLine.ts'

const PAGE_ROWS = 200
const columns = [
  'id', 'correlation_id', 'pipeline_name', 'organization_id', 'student_id', 'student_name', 'topic', 'status',
  'current_stage', 'progress_percentage', 'created_at', 'started_at', 'completed_at', 'failed_at', 'cancelled_at',
  'total_duration_seconds', 'retry_count', 'error_stage', 'error_message', 'video_url',
] as const satisfies readonly (keyof RequestRow)[]
const headers = {
  'content-type': 'text/csv; charset=utf-8',
  'content-disposition': 'attachment; filename="requests.csv"',
  'cache-control': 'no-store',
}

/**
 * `GET /requests.csv`: the list as a table, a page in memory at a time, read when the one before it has left. It ends only
 * with the last request, for a table that ends early looks whole: a failure on the way, or the end of the token, cuts the answer.
 */
export function requestsCsvRoute({ read }: { read: Pool }): Hono {
  return new Hono().get('/requests.csv', async (c) => {
    const asked = parseQuery(c.req.url, requestFilterQuery, ['status'])
    if ('mistake' in asked) return problemResponse(400, asked.mistake)
    const lines = Readable.toWeb(Readable.from(csvPages(read, toRequestFilter(asked.value, seesNames(c)), seesNames(c), c.get('isStillAllowed'))))
    return new Response(lines as unknown as BodyInit, { headers })
  })
}

async function* csvPages(
  read: Pool,
  filter: RequestFilter,
  showsNames: boolean,
  isStillAllowed: () => Promise<boolean> = () => Promise.resolve(true),
): AsyncGenerator<Buffer> {
  yield Buffer.from(toCsvLine(columns))
  for (let page: RequestPage | undefined; page === undefined || page.next; ) {
    if (!(await isStillAllowed())) throw new Error('The token ended while its table was being written')
    page = await findRequests(read, filter, PAGE_ROWS, page?.next)
    const items = JSON.parse(page.items) as RequestRow[]
    yield Buffer.from(items.map((row) => toCsvLine(columns.map((column) => (column === 'student_name' && !showsNames ? null : row[column])))).join(''))
  }
}
