import { BoundedMap } from '../BoundedMap.ts'

type Watched = { signal: AbortSignal; onAbort: () => void }

const MAX_WATCHED = 10_000

/** The signals that cancel requests. Of too many the oldest are forgotten, and then cancel nothing. */
export class RequestSignals {
  readonly #byTrace = new BoundedMap<string, Watched>(MAX_WATCHED, unwatch)

  get(traceId: string): AbortSignal | undefined {
    return this.#byTrace.get(traceId)?.signal
  }

  /** In place of an earlier one. @param onAbort called once, at once if it has aborted already. */
  watch(traceId: string, signal: AbortSignal, onAbort: () => void): void {
    this.forget(traceId)
    this.#byTrace.set(traceId, { signal, onAbort })
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  }

  /** The request has ended. One that was aborted is kept, for the stages that might still be begun. */
  forget(traceId: string): void {
    const watched = this.#byTrace.get(traceId)
    if (watched === undefined || watched.signal.aborted) return
    unwatch(watched)
    this.#byTrace.delete(traceId)
  }
}

function unwatch({ signal, onAbort }: Watched): void {
  signal.removeEventListener('abort', onAbort)
}
