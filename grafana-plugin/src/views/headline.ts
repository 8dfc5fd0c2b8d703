import type { LiveData } from '../client/liveData.ts'
import { endedAtMs } from '../client/liveData.ts'
import { formatCount } from '../text/locale.ts'
import { msg, t } from '../text/t.ts'
import { FRESH_FAILURE_MS } from './arrangeRequests.ts'
import { openBreakers } from './openBreakers.ts'
import { stageLabel } from './stages.ts'
import type { StateName, Tone } from './states.ts'
import { requestState } from './states.ts'

/** Is anything wrong, where, who is touched: the page's first sentence. */
export type Headline = { tone: Tone; text: string }

/** Worst first. Each in words of its own: of one and of many a language may say it otherwise. */
const COUNTED = [
  ['stalled', msg('{count} stalled')],
  ['late', msg('{count} late')],
  ['held', msg('{count} held')],
  ['retrying', msg('{count} retrying')],
  ['running', msg('{count} running')],
  ['waiting', msg('{count} waiting')],
] as const satisfies readonly (readonly [StateName, string])[]

export function headline(data: LiveData, nowMs: number): Headline {
  const open = openBreakers(data.breakers)
  const counts: Partial<Record<StateName, number>> = {}
  const failedByStage = new Map<string, number>()
  let failed = 0
  for (const row of data.requests.values()) {
    const state = requestState(row, 0, open)
    counts[state] = (counts[state] ?? 0) + 1
    if (state !== 'failed' || nowMs - endedAtMs(row) >= FRESH_FAILURE_MS) continue
    failed += 1
    if (row.error_stage) failedByStage.set(row.error_stage, (failedByStage.get(row.error_stage) ?? 0) + 1)
  }
  const flow = flowClause(counts)
  const failures = failed > 0 ? failuresClause(failed, failedByStage) : ''
  if (open.size > 0) {
    return { tone: 'danger', text: join([t('Calls to {names} are stopped', { names: [...open].join(', ') }), failures, flow]) }
  }
  if (failed > 0) return { tone: 'danger', text: join([failures, flow]) }
  if (counts.stalled) return { tone: 'warning', text: join([flow, t('none failed in the last hour')]) }
  if (counts.retrying) return { tone: 'warning', text: join([flow, t('none failed in the last hour')]) }
  return { tone: 'success', text: join([t('Nothing failed in the last hour'), flow]) }
}

function flowClause(counts: Partial<Record<StateName, number>>): string {
  const parts = COUNTED.flatMap(([state, text]) => (counts[state] ? t(text, { count: formatCount(counts[state]) }) : []))
  return parts.length > 0 ? parts.join(', ') : t('nothing in flight')
}

function failuresClause(failed: number, failedByStage: ReadonlyMap<string, number>): string {
  const [first] = [...failedByStage].sort((a, b) => b[1] - a[1])
  const count = formatCount(failed)
  if (!first || first[1] * 2 <= failed) return t('{count} failed in the last hour', { count })
  const stage = stageLabel(first[0])
  if (failed === 1) return t('1 failed in the last hour, in {stage}', { stage })
  if (first[1] === failed) return t('{count} failed in the last hour, all in {stage}', { count, stage })
  return t('{count} failed in the last hour, most in {stage}', { count, stage })
}

function join(parts: string[]): string {
  return parts.filter(Boolean).join(' · ')
}
