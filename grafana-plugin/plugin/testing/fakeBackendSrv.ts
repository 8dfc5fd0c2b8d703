import type { BackendSrv, BackendSrvRequest, FetchResponse } from '@grafana/runtime'
import { Observable } from 'rxjs'

/** Grafana's client as far as a plugin without a backend uses it: raw chunks, failures as answers. */
export const fakeBackendSrv = {
  chunked(request: BackendSrvRequest): Observable<FetchResponse<Uint8Array | undefined>> {
    return new Observable((observer) => {
      const stop = new AbortController()
      const read = async (): Promise<void> => {
        try {
          const response = await fetch(request.url, { headers: request.headers ?? {}, signal: stop.signal })
          const { status, statusText, ok, headers, redirected, type, url } = response
          const answer = { status, statusText, ok, headers, redirected, type, url, config: request }
          const reader = response.body?.getReader()
          for (;;) {
            const chunk = await reader?.read()
            observer.next({ ...answer, data: chunk?.value })
            if (!chunk || chunk.done) return observer.complete()
          }
        } catch (error) {
          observer.error(stop.signal.aborted ? { cancelled: true, statusText: 'Request was aborted' } : error)
        }
      }
      void read()
      return () => stop.abort()
    })
  },
} as unknown as BackendSrv
