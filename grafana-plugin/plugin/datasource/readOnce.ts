import { LoadingState } from '@grafana/data'
import type { DataFrame, DataQueryResponse } from '@grafana/data'
import { Observable } from 'rxjs'

/** One answer, read when somebody listens and given up when nobody does any more. A failure is part of the answer. */
export function readOnce(key: string, read: (signal: AbortSignal) => Promise<DataFrame[]>): Observable<DataQueryResponse> {
  return new Observable((observer) => {
    const stop = new AbortController()
    const tell = async (): Promise<void> => {
      const response = await answer(key, read(stop.signal))
      if (stop.signal.aborted) return
      observer.next(response)
      observer.complete()
    }
    void tell()
    return () => stop.abort()
  })
}

async function answer(key: string, frames: Promise<DataFrame[]>): Promise<DataQueryResponse> {
  try {
    return { key, state: LoadingState.Done, data: await frames }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { key, state: LoadingState.Error, data: [], errors: [{ refId: key, message }] }
  }
}
