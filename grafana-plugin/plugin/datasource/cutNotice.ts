import type { QueryResultMeta } from '@grafana/data'

/** Says on the panel that a frame is not all there is. @param of how many there are, if that is known */
export function cutNotice(limit: number, of?: number): QueryResultMeta {
  const all = of === undefined ? 'more' : of.toLocaleString('en-US')
  return { notices: [{ severity: 'info', text: `The newest ${limit} of ${all}: narrow the filter, or raise the limit.` }] }
}
