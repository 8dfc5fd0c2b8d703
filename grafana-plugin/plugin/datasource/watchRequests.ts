import type { DataFrame, DataQueryResponse, QueryResultMeta } from '@grafana/data'
import type { RequestRow } from '@vividly/tracker-api/contract'
import type { Observable } from 'rxjs'

import type { LiveClient } from '../../src/client/liveClient.ts'
import { requestFields } from '../../src/frames.ts'
import type { FieldSpec } from '../../src/frames.ts'
import { t } from '../../src/text/t.ts'
import { isWholeFilter, matchesFilter, toRequestQuery } from '../../src/views/filter.ts'
import { openBreakers } from '../../src/views/openBreakers.ts'
import { cutNotice } from './cutNotice.ts'
import { serverNow } from './serverNow.ts'
import type { SharedClient } from './shareClient.ts'
import { DEFAULT_LIMIT, toFilter } from './trackerQuery.ts'
import type { TrackerQuery } from './trackerQuery.ts'
import { watchLive } from './watchLive.ts'

type ToFrame = (rows: readonly RequestRow[], fields: readonly FieldSpec<RequestRow>[], more: { meta?: QueryResultMeta }) => DataFrame

/** The requests that match, newest first: those in flight, those just ended, and what the tracker finds besides. */
export function watchRequests(shared: SharedClient, query: TrackerQuery, toFrame: ToFrame): Observable<DataQueryResponse> {
  const filter = toFilter(query)
  const limit = query.limit ?? DEFAULT_LIMIT
  const asker = {}
  let found: ReadonlySet<string> = new Set()
  let problem: string | undefined

  async function ask(client: LiveClient, signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => client.forget(asker))
    try {
      found = (await client.find(asker, toRequestQuery(filter, Date.now()), signal)).ids
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error)
    }
  }

  return watchLive(
    shared,
    query.refId,
    (state) => {
      const nowMs = serverNow(state)
      const open = openBreakers(state.data.breakers)
      const rows = [...state.data.requests.values()].filter((row) => matchesFilter(row, filter, found, nowMs, open))
      // By code units: half the time that `localeCompare` takes, and these are all digits.
      rows.sort((a, b) => (a.created_at < b.created_at ? 1 : a.created_at > b.created_at ? -1 : 0))
      return [toFrame(rows.slice(0, limit), requestFields(nowMs, open), { meta: notices(limit, rows.length, problem) })]
    },
    (client, signal) => {
      if (!isWholeFilter(filter)) void ask(client, signal)
    },
  )
}

function notices(limit: number, count: number, problem: string | undefined): QueryResultMeta {
  if (problem !== undefined) return { notices: [{ severity: 'warning', text: t('Older requests could not be read: {error}', { error: problem }) }] }
  return count > limit ? cutNotice(limit, count) : {}
}
