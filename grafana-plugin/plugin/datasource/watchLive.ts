import { LoadingState } from '@grafana/data'
import type { DataFrame, DataQueryResponse } from '@grafana/data'
import { Observable } from 'rxjs'

import type { LiveClient, LiveState } from '../../src/client/liveClient.ts'
import { throttle } from '../../src/client/throttle.ts'
import { notLiveSince } from '../../src/views/LiveMark.tsx'
import type { SharedClient } from './shareClient.ts'

/** Tables and charts of others draw all of it anew each time; our own panels do not wait for this. */
const FRAME_INTERVAL_MS = 1_000

/**
 * What a live query answers: frames of the state as it is, and again when it changed. While the tracker is not
 * reached, the last ones stay and say so in a notice.
 */
export function watchLive(
  shared: SharedClient,
  key: string,
  toFrames: (state: LiveState) => DataFrame[],
  onStart?: (client: LiveClient, signal: AbortSignal) => void,
): Observable<DataQueryResponse> {
  return new Observable((observer) => {
    const { client, release } = shared.hold()
    const stop = new AbortController()
    let shown: LiveState | undefined
    const emit = () => {
      const state = client.getState()
      if (!state.loaded) {
        if (state.connection.kind !== 'stale') return
        observer.next({ key, state: LoadingState.Error, data: [], errors: [{ message: state.connection.message }] })
        return
      }
      if (shown && shown.data === state.data && shown.connection.kind === state.connection.kind) return
      shown = state
      observer.next({ key, state: LoadingState.Streaming, data: toFrames(state).map((frame) => withNotice(frame, state)) })
    }
    const painting = throttle(emit, FRAME_INTERVAL_MS)
    const unsubscribe = client.subscribe(() => painting.call())
    onStart?.(client, stop.signal)
    painting.call()
    return () => {
      stop.abort()
      unsubscribe()
      painting.cancel()
      release()
    }
  })
}

function withNotice(frame: DataFrame, { connection }: LiveState): DataFrame {
  if (connection.kind !== 'stale') return frame
  const notice = { severity: 'warning' as const, text: `${notLiveSince(connection.lastLiveMs)}: ${connection.message}` }
  return { ...frame, meta: { ...frame.meta, notices: [...(frame.meta?.notices ?? []), notice] } }
}
