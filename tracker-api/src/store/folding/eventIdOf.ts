import { hash } from 'node:crypto'
import { contentDigest } from './contentDigest.ts'
import type { TrackedSignal } from './TrackedSignal.ts'

const NAMED_BY_KIND = new Set([
  'request_created', 'request_started', 'request_completed', 'request_failed', 'request_cancelled',
  'stage_started', 'stage_completed', 'stage_failed', 'stage_skipped', 'stage_heartbeat',
])

/** Of kinds, stages and attempts there are few; of those that somebody invents this many are remembered. */
const MAX_REMEMBERED = 5_000
const remembered = new Map<string, string>()

/**
 * What identifies an event inside its request, as the SQL function `event_id_of` computes it: life-cycle events and signs of
 * life by type, stage and attempt, all others by `log.record.uid`, else by what they hold. 32 hex digits, a UUID.
 */
export function eventIdOf(kind: string, signal: TrackedSignal): string {
  const { stageName, attempt, uid } = signal
  if (NAMED_BY_KIND.has(kind)) return lifeCycleIdOf(stageName === null ? kind : `${kind}/${stageName}/${attempt}`)
  return hash('md5', uid === null ? `digest/${contentDigest(signal)}` : `uid/${uid}`, 'hex')
}

function lifeCycleIdOf(name: string): string {
  const known = remembered.get(name)
  if (known !== undefined) return known
  const id = hash('md5', name, 'hex')
  if (remembered.size >= MAX_REMEMBERED) remembered.clear()
  remembered.set(name, id)
  return id
}
