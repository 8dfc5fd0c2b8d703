import { diag } from '@opentelemetry/api'
import { ExportResultCode } from '@opentelemetry/core'
import type { ExportResult } from '@opentelemetry/core'
import { messageOf, warn } from './warnOnce.ts'

/** What the exporters of one process know of their receiver together: one warning an outage, whatever fails. */
export class Outage {
  /** The signals whose last batch failed. */
  readonly #failing = new Set<string>()
  #lost = 0

  failed(signal: string, items: number, error: unknown): void {
    this.#lost += items
    if (this.#failing.size === 0) {
      warn(
        `${signal} can't be delivered: ${messageOf(error)}. The service itself is not affected; this is said once.`,
      )
    }
    this.#failing.add(signal)
  }

  succeeded(signal: string): void {
    if (!this.#failing.delete(signal) || this.#failing.size > 0) return
    diag.info(`vividly: telemetry is delivered again; ${this.#lost} spans and records were lost meanwhile.`)
    this.#lost = 0
  }
}

type Exporter<T> = {
  export(items: T, done: (result: ExportResult) => void): void
  forceFlush?(): Promise<void>
  shutdown(): Promise<void>
}

/**
 * An exporter whose failures are told once an outage instead of once a batch.
 *
 * A batch processor hands every failure to the SDK's global error handler, which prints it. So the failure goes
 * on as a success that carries its error, which the SDK's own metrics still count as an error.
 */
export function outageReporting<T extends { length: number }>(
  signal: string,
  exporter: Exporter<T>,
  outage: Outage,
): Required<Exporter<T>> {
  return {
    export(items, done) {
      exporter.export(items, (result) => {
        if (result.code === ExportResultCode.SUCCESS) outage.succeeded(signal)
        else outage.failed(signal, items.length, result.error)
        done({ ...result, code: ExportResultCode.SUCCESS })
      })
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  }
}
