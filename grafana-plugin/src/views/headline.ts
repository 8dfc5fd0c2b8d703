import type { LiveData } from '../client/liveData.ts'
import { endedAtMs } from '../client/liveData.ts'
import { FRESH_FAILURE_MS } from './arrangeRequests.ts'
import { stageLook } from './stages.ts'
import type { StateName, Tone } from './states.ts'
import { requestState } from './states.ts'

/** Is anything wrong, where, who is touched: the page's first sentence. */
export type Headline = { tone: Tone; text: string }

export function headline(data: LiveData, nowMs: number): Headline {
  const open = [...data.breakers.values()].map(({ row }) => row).filter((row) => row.state === 'open')
  const counts: Partial<Record<StateName, number>> = {}
  const failedByStage = new Map<string, number>()
  let failed = 0
  for (const row of data.requests.values()) {
    const state = requestState(row)
    counts[state] = (counts[state] ?? 0) + 1
    if (state !== 'failed' || nowMs - endedAtMs(row) >= FRESH_FAILURE_MS) continue
    failed += 1
    if (row.error_stage) failedByStage.set(row.error_stage, (failedByStage.get(row.error_stage) ?? 0) + 1)
  }
  const flow = flowClause(counts)
  const failures = failed > 0 ? `${failed} failed in the last hour${mostlyIn(failedByStage, failed)}` : ''
  if (open.length > 0) {
    const names = open.map((row) => row.name).join(', ')
    return { tone: 'danger', text: join([`Calls to ${names} are stopped`, failures, flow]) }
  }
  if (failed > 0) return { tone: 'danger', text: join([failures, flow]) }
  if (counts.retrying) return { tone: 'warning', text: join([flow, 'none failed in the last hour']) }
  return { tone: 'success', text: join(['Nothing failed in the last hour', flow]) }
}

function flowClause(counts: Partial<Record<StateName, number>>): string {
  const parts = (['running', 'retrying', 'waiting'] as const).flatMap((state) =>
    counts[state] ? `${counts[state]} ${state}` : [],
  )
  return parts.length > 0 ? parts.join(', ') : 'nothing in flight'
}

function mostlyIn(failedByStage: ReadonlyMap<string, number>, failed: number): string {
  const [first] = [...failedByStage].sort((a, b) => b[1] - a[1])
  if (!first || first[1] * 2 <= failed) return ''
  const share = failed === 1 ? '' : first[1] === failed ? 'all ' : 'most '
  return `, ${share}in ${stageLook(first[0]).label}`
}

function join(parts: string[]): string {
  return parts.filter(Boolean).join(' · ')
}
