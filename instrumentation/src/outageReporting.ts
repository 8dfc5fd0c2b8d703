import { ExportResultCode } from '@opentelemetry/core'
import type { ExportResult } from '@opentelemetry/core'
import { messageOf, warn } from './warnOnce.ts'

type Exporter<T> = {
  export(items: T, done: (result: ExportResult) => void): void
  forceFlush?(): Promise<void>
  shutdown(): Promise<void>
}

/** What the exporters of one process know of the receiver together. */
export class Outage {
  #sinceMs: number | undefined
  #lost = 0

  failed(items: number, error: unknown): void {
    this.#lost += items
    if (this.#sinceMs !== undefined) return
    this.#sinceMs = Date.now()
    warn(`telemetry can't be delivered: ${messageOf(error)}. The service itself is not affected; this is said once.`)
  }

  succeeded(): void {
    if (this.#sinceMs === undefined) return
    const seconds = Math.round((Date.now() - this.#sinceMs) / 1000)
    warn(`telemetry is delivered again after ${seconds} s; ${this.#lost} spans and records were lost.`)
    this.#sinceMs = undefined
    this.#lost = 0
  }
}

/**
 * An exporter whose failures are told once an outage instead of once a batch.
 *
 * A batch processor hands every failure to the SDK's global error handler, which prints it. So the failure goes
 * on as a success that carries its error, which the SDK's own metrics count as what it is.
 */
export function outageReporting<T extends { length: number }, E extends Exporter<T>>(exporter: E, outage: Outage): Exporter<T> {
  return {
    export(items, done) {
      exporter.export(items, (result) => {
        if (result.code === ExportResultCode.SUCCESS) outage.succeeded()
        else outage.failed(items.length, result.error)
        done({ ...result, code: ExportResultCode.SUCCESS })
      })
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  }
}
