import type { Context } from '@opentelemetry/api'
import { emitEvent } from '../emitEvent.ts'
import { HEARTBEAT_INTERVAL_MS, heartbeats } from './Heartbeats.ts'
import { heartbeatEvent } from './stageEvents.ts'
import type { Progress, StageRun } from './stageEvents.ts'

/** Progress is told once in this time at most; what comes in between waits, and the newest of it is told. */
export const PROGRESS_INTERVAL_MS = 1000
/** A stage that nobody here watches may have ended elsewhere, so its signs of life end with this age. */
export const MAX_UNWATCHED_MS = 3_600_000

/** The signs of life of one running stage: a beat every few seconds, and progress as it is told. */
export class StageSigns {
  readonly #run: StageRun
  readonly #context: () => Context
  readonly #intervalMs: number
  readonly #lastBeatAtMs: number
  #progress: Progress | undefined
  #toldAtMs = -Infinity
  #pending = false
  #stopped = false

  /** @param run is read at each sign, for its attempt changes. */
  constructor(
    run: StageRun,
    context: () => Context,
    { heartbeatIntervalMs, watched }: { heartbeatIntervalMs?: number | undefined; watched?: boolean },
  ) {
    this.#run = run
    this.#context = context
    this.#intervalMs = heartbeatIntervalMs ?? HEARTBEAT_INTERVAL_MS
    this.#lastBeatAtMs = watched === true ? Infinity : performance.now() + MAX_UNWATCHED_MS
    if (this.#intervalMs > 0) heartbeats.scheduleFirst(this, this.#intervalMs)
  }

  progress(progress: Progress): void {
    this.#progress = progress
    if (this.#pending || this.#stopped) return
    const waitMs = this.#toldAtMs + PROGRESS_INTERVAL_MS - performance.now()
    if (waitMs <= 0) {
      this.beat()
      return
    }
    this.#pending = true
    heartbeats.schedule(this, waitMs)
  }

  /** Of an attempt that is over. */
  forgetProgress(): void {
    this.#progress = undefined
    this.#pending = false
  }

  beat(): void {
    const nowMs = performance.now()
    this.#tell(nowMs)
    if (this.#intervalMs > 0 && nowMs < this.#lastBeatAtMs) heartbeats.schedule(this, this.#intervalMs)
  }

  /** Tells progress that has been held back. */
  flush(): void {
    if (this.#pending) this.#tell(performance.now())
  }

  stop(): void {
    this.#stopped = true
    heartbeats.cancel(this)
  }

  #tell(nowMs: number): void {
    this.#toldAtMs = nowMs
    this.#pending = false
    const event = heartbeatEvent(this.#run, this.#progress, heartbeats.eventLoopLagMs)
    emitEvent({ ...event, context: this.#context })
  }
}
