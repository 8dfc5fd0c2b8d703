import type { RequestDetail, RequestEvent, RequestRow, RequestSpanList } from '@vividly/tracker-api/contract'

import { ApiError } from './apiError.ts'
import type { LiveClient } from './liveClient.ts'
import type { MonitoringApi } from './monitoringApi.ts'
import { throttle } from './throttle.ts'

/** Reads of one request's detail: at most two a second while it changes. */
const REFRESH_INTERVAL_MS = 500
const EVENT_PAGES = 5

export type WatchedRequest = {
  detail: RequestDetail | undefined
  events: readonly RequestEvent[]
  /** There are more events than were read. */
  eventsTruncated: boolean
  /** Those that have ended. */
  spans: RequestSpanList | undefined
  /** Why the latest read failed; what was read before stays. */
  error: { message: string; notFound: boolean } | undefined
}

export type RequestWatcher = ReturnType<typeof watchRequest>

/**
 * One request's detail, events and spans, read again whenever the stream shows a higher version of it.
 * A store in the shape of `useSyncExternalStore`; it reads only while someone listens.
 * @param id in any of its three spellings
 */
export function watchRequest(api: MonitoringApi, client: LiveClient, id: string) {
  let state: WatchedRequest = { detail: undefined, events: [], eventsTruncated: false, spans: undefined, error: undefined }
  const listeners = new Set<() => void>()
  let reading: AbortController | undefined
  let stopListening: (() => void) | undefined
  const refreshing = throttle(() => void refresh(), REFRESH_INTERVAL_MS)

  function set(next: WatchedRequest): void {
    state = next
    for (const listener of listeners) listener()
  }

  async function refresh(): Promise<void> {
    reading?.abort()
    const controller = new AbortController()
    reading = controller
    try {
      const detail = await api.getRequest(id, controller.signal)
      const [{ events, truncated }, spans] = await Promise.all([readEvents(controller.signal), api.listSpans(id, controller.signal)])
      if (!controller.signal.aborted) set({ detail, events, eventsTruncated: truncated, spans, error: undefined })
    } catch (error) {
      if (controller.signal.aborted) return
      const notFound = error instanceof ApiError && error.status === 404
      set({ ...state, error: { message: error instanceof Error ? error.message : String(error), notFound } })
    } finally {
      if (reading === controller) {
        reading = undefined
        // What changed during the read; one that fails is tried again only after the next change.
        if (!state.error) onLiveChange()
      }
    }
  }

  async function readEvents(signal: AbortSignal): Promise<{ events: RequestEvent[]; truncated: boolean }> {
    const events: RequestEvent[] = []
    let cursor: string | undefined
    for (let page = 0; page < EVENT_PAGES; page += 1) {
      const answer = await api.listEvents(id, cursor, signal)
      events.push(...answer.items)
      if (!answer.next_cursor) return { events, truncated: false }
      cursor = answer.next_cursor
    }
    return { events, truncated: true }
  }

  let wasLive = client.getState().connection.kind === 'live'

  /** Reads again when the stream knows more than we show, and when it came back after a failed read. */
  function onLiveChange(): void {
    const { data, connection } = client.getState()
    const isLive = connection.kind === 'live'
    const cameBack = isLive && !wasLive
    wasLive = isLive
    if (reading) return
    const row = data.requests.get(state.detail?.id ?? '') ?? findByAnyId(data.requests.values(), id)
    if (row && row.version > (state.detail?.version ?? 0)) refreshing.call()
    else if (cameBack && state.error) refreshing.call()
  }

  return {
    refresh: () => refreshing.flush(),
    getState: () => state,
    subscribe: (listener: () => void) => {
      listeners.add(listener)
      if (listeners.size === 1) {
        stopListening = client.subscribe(onLiveChange)
        refreshing.call()
      }
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        stopListening?.()
        refreshing.cancel()
        reading?.abort()
      }
    },
  }
}

function findByAnyId(rows: Iterable<RequestRow>, id: string): RequestRow | undefined {
  for (const row of rows) {
    if (row.correlation_id === id || row.id === id || row.trace_id === id) return row
  }
  return undefined
}
