import type { Outbox } from './createOutbox.ts'
import type { BreakerChange, RequestChange } from './FeedReads.ts'
import { toFrame } from './Frame.ts'
import type { Frame } from './Frame.ts'
import { judge } from './StreamFilter.ts'
import type { Viewer } from './Viewer.ts'
import type { StreamFilter } from './StreamFilter.ts'

/** Requests that a listener was told to hide, remembered so that it is told once; more than these are forgotten. */
const MAX_HIDDEN = 10_000

/** One reader of the stream. */
export type Listener = {
  viewer: Viewer
  filter: StreamFilter
  timezone: string
  outbox: Outbox
  /** IDs last told with `remove`. */
  hidden: Set<string>
}

/** A change with the frames it can become, each made when first needed and then shared by all listeners. */
export type FramedChange = { change: RequestChange; shown: (viewer: Viewer) => Frame; removed: () => Frame }

export function toFramedChange(change: RequestChange, cursor: string): FramedChange {
  const { id, version, row } = change
  const key = `request/${id}`
  let shown: Frame | undefined
  let nameless: Frame | undefined
  let removed: Frame | undefined
  return {
    change,
    shown: ({ seesNames }) => {
      if (row === null) throw new Error('A deleted request has no row to show')
      if (!seesNames) return (nameless ??= toFrame('request', { row: { ...row, student_name: null }, version }, cursor, key))
      return (shown ??= toFrame('request', { row, version }, cursor, key))
    },
    removed: () => (removed ??= toFrame('remove', { id, version }, cursor, key)),
  }
}

export function toBreakerFrame({ row, version }: BreakerChange, cursor: string): Frame {
  return toFrame('circuit_breaker', { row, version }, cursor, `circuit_breaker/${row.name}`)
}

/** The frame that this listener gets of a change, if any. */
export function frameFor({ viewer, filter, hidden }: Listener, { change, shown, removed }: FramedChange): Frame | undefined {
  const verdict = judge(filter, change)
  if (verdict === 'show') {
    hidden.delete(change.id)
    return shown(viewer)
  }
  if (verdict === 'ignore' || hidden.has(change.id)) return undefined
  if (hidden.size >= MAX_HIDDEN) hidden.clear()
  hidden.add(change.id)
  return removed()
}
