import { getBackendSrv } from '@grafana/runtime'
import type { FetchResponse } from '@grafana/runtime'

/** Those that may have no body: the constructor of `Response` refuses one. */
const BODILESS = new Set([204, 205, 304])

/**
 * `fetch` by way of Grafana's own client: its session, its organization, its queue. It rests on `chunked`, the only one
 * of its calls that gives a body while it is still coming, and that answers a failure as an answer.
 */
export const fetchThroughGrafana: typeof fetch = (input, init = {}) =>
  new Promise((resolve, reject) => {
    const { signal } = init
    let body: ReadableStreamDefaultController<Uint8Array> | undefined
    let isClosed = false
    const onAbort = () => {
      chunks.unsubscribe()
      fail(signal?.reason)
    }
    const end = (act: (stream: ReadableStreamDefaultController<Uint8Array>) => void) => {
      signal?.removeEventListener('abort', onAbort)
      if (body && !isClosed) act(body)
      isClosed = true
    }
    const fail = (reason: unknown) => {
      end((stream) => stream.error(reason))
      reject(reason instanceof Error ? reason : new TypeError(describe(reason)))
    }
    const open = (answer: FetchResponse<Uint8Array | undefined>) => {
      const stream = new ReadableStream<Uint8Array>({
        start: (controller) => {
          body = controller
        },
        cancel: () => {
          isClosed = true
          chunks.unsubscribe()
        },
      })
      const { status, statusText, headers } = answer
      resolve(new Response(BODILESS.has(status) ? null : stream, { status, statusText, headers }))
    }
    const chunks = getBackendSrv()
      .chunked({ url: toText(input), headers: { ...(init.headers as Record<string, string>) }, showErrorAlert: false })
      .subscribe({
        next: (answer) => {
          if (!body) open(answer)
          if (answer.data && !isClosed) body?.enqueue(answer.data)
        },
        error: fail,
        complete: () => {
          end((stream) => stream.close())
          reject(new TypeError('Grafana gave no answer.'))
        },
      })
    if (signal?.aborted) onAbort()
    else signal?.addEventListener('abort', onAbort)
  })

function toText(input: string | URL | Request): string {
  return input instanceof Request ? input.url : String(input)
}

/** Grafana's client rejects with objects of its own. */
function describe(reason: unknown): string {
  if (typeof reason === 'object' && reason !== null && 'statusText' in reason) return String(reason.statusText)
  return 'The connection to Grafana broke.'
}
