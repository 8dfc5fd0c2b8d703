import { FoldedStage } from './FoldedStage.ts'
import type { TrackedSignal } from './TrackedSignal.ts'

/** What these signals, of one request, say of its stages; in the order of the stages' names. */
export function foldStages(signals: readonly TrackedSignal[]): FoldedStage[] {
  const stages = new Map<string, FoldedStage>()
  for (const signal of signals) {
    const { stageName, outcome, kind } = signal
    if (stageName === null || outcome === null) continue
    if (kind !== 'stage' && kind !== 'retry' && !kind.startsWith('stage_')) continue
    let stage = stages.get(stageName)
    if (stage === undefined) stages.set(stageName, (stage = new FoldedStage(stageName)))
    stage.add(signal, outcome)
  }
  return [...stages].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, stage]) => stage)
}
