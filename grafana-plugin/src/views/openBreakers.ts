import type { LiveData } from '../client/liveData.ts'
import { NONE_OPEN } from './states.ts'

const known = new WeakMap<LiveData['breakers'], ReadonlySet<string>>()

/** The breakers that let nothing through; the same breakers give the same set. */
export function openBreakers(breakers: LiveData['breakers']): ReadonlySet<string> {
  let open = known.get(breakers)
  if (!open) {
    const names = [...breakers.values()].filter(({ row }) => row.state === 'open').map(({ row }) => row.name)
    known.set(breakers, (open = names.length > 0 ? new Set(names) : NONE_OPEN))
  }
  return open
}
