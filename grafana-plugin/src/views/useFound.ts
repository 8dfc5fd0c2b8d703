import { useEffect, useMemo, useState } from 'react'

import type { LiveClient } from '../client/liveClient.ts'
import type { Filter } from './filter.ts'
import { isWholeFilter, toRequestQuery } from './filter.ts'

export type Found = { ids: ReadonlySet<string>; more: boolean; busy: boolean; error: string | undefined }

const NOTHING: Found = { ids: new Set(), more: false, busy: false, error: undefined }
const ASKING: Found = { ...NOTHING, busy: true }

/** What the tracker has for a filter beyond what the page holds anyway. Asked once a filter, and after a cut. */
export function useFound(client: LiveClient, asked: Filter, live: boolean): Found {
  // The same filter again, in another object, asks nothing.
  const key = JSON.stringify(asked)
  const filter = useMemo(() => JSON.parse(key) as Filter, [key])
  const [answer, setAnswer] = useState({ filter, found: ASKING })
  const isWhole = isWholeFilter(filter)
  const [asker] = useState(() => ({}))
  useEffect(() => () => client.forget(asker), [client, asker])
  useEffect(() => {
    if (isWhole || !live) return undefined
    const controller = new AbortController()
    client.find(asker, toRequestQuery(filter, Date.now()), controller.signal).then(
      ({ ids, more }) => setAnswer({ filter, found: { ids, more, busy: false, error: undefined } }),
      (reason: unknown) => {
        if (controller.signal.aborted) return
        const error = reason instanceof Error ? reason.message : String(reason)
        setAnswer({ filter, found: { ...NOTHING, error } })
      },
    )
    return () => controller.abort()
  }, [client, asker, filter, isWhole, live])
  if (isWhole) return NOTHING
  return answer.filter === filter ? answer.found : ASKING
}
