import { BoundedMap } from '../BoundedMap.ts'
import type { OpenStage } from './OpenStage.ts'

/** The stages open in this process, by request and name; beyond the limit the oldest request's are forgotten. */
export class OpenStages {
  readonly #byTrace: BoundedMap<string, Map<string, OpenStage>>

  constructor(maxRequests: number, onForget: () => void) {
    this.#byTrace = new BoundedMap(maxRequests, (stages) => {
      for (const stage of stages.values()) if (!stage.watched) stage.abandon()
      onForget()
    })
  }

  /** Requests with an open stage. */
  get size(): number {
    return this.#byTrace.size
  }

  get(traceId: string, stage: string): OpenStage | undefined {
    return this.#byTrace.get(traceId)?.get(stage)
  }

  add(traceId: string, stage: string, open: OpenStage): void {
    const stages = this.#byTrace.get(traceId) ?? new Map<string, OpenStage>()
    const earlier = stages.get(stage)
    if (earlier?.watched === false) earlier.abandon()
    this.#byTrace.set(traceId, stages.set(stage, open))
  }

  /** Only if it is still this one: a second run of the stage may have taken its place. */
  remove(traceId: string, stage: string, open: OpenStage): void {
    const stages = this.#byTrace.get(traceId)
    if (stages === undefined || stages.get(stage) !== open) return
    stages.delete(stage)
    if (stages.size === 0) this.#byTrace.delete(traceId)
  }

  /** Leaves how they ended unsaid. */
  removeAll(traceId: string): void {
    for (const stage of this.#byTrace.get(traceId)?.values() ?? []) stage.abandon()
    this.#byTrace.delete(traceId)
  }
}
