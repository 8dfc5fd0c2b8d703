import { diag } from '@opentelemetry/api'
import { messageOf, warn } from '../warnOnce.ts'
import type { Signal } from './Parcel.ts'

const NAMES = { logs: 'log records', traces: 'spans' } as const

/** What one process knows of its receiver: one warning an outage, whatever fails. */
export class Outage {
  /** The signals whose last post failed. */
  readonly #failing = new Set<Signal>()

  failed(signal: Signal, cause: unknown): void {
    if (this.#failing.size === 0) {
      warn(
        `${NAMES[signal]} can't be delivered: ${messageOf(cause)}. The service itself is not affected; ` +
          'they are kept as far as there is room, and sent when the receiver is back. This is said once.',
      )
    }
    this.#failing.add(signal)
  }

  succeeded(signal: Signal): void {
    if (!this.#failing.delete(signal) || this.#failing.size > 0) return
    diag.info('vividly: telemetry is delivered again; what was lost meanwhile is told to the tracker.')
  }
}
