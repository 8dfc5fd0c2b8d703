import type { RequestSpan } from '@vividly/tracker-api/contract'

export type PlacedSpan = {
  span: RequestSpan
  /** 0: its parent is not among the spans. */
  depth: number
  /** Of the whole time that the spans cover, 0 to 1. */
  from: number
  to: number
}

/**
 * Spans as a waterfall: each under its parent, brothers by their start. One whose parent did not come, or whose
 * parents go in a circle, stands at the root.
 */
export function arrangeSpans(spans: readonly RequestSpan[]): PlacedSpan[] {
  const known = new Set(spans.map(({ span_id: id }) => id))
  const children = Map.groupBy(spans, (span) => (span.parent_span_id !== null && known.has(span.parent_span_id) ? span.parent_span_id : ''))
  const startMs = Math.min(...spans.map((span) => Date.parse(span.started_at)))
  const endMs = Math.max(...spans.map((span) => Date.parse(span.ended_at)), startMs + 1)
  const share = (time: string): number => (Date.parse(time) - startMs) / (endMs - startMs)
  const placed: PlacedSpan[] = []
  const done = new Set<string>()
  function place(span: RequestSpan, depth: number): void {
    if (done.has(span.span_id)) return
    done.add(span.span_id)
    placed.push({ span, depth, from: share(span.started_at), to: Math.max(share(span.started_at), share(span.ended_at)) })
    for (const child of byStart(children.get(span.span_id) ?? [])) place(child, depth + 1)
  }
  for (const root of byStart(children.get('') ?? [])) place(root, 0)
  for (const span of byStart(spans)) place(span, 0)
  return placed
}

function byStart(spans: readonly RequestSpan[]): RequestSpan[] {
  return spans.toSorted((a, b) => a.started_at.localeCompare(b.started_at) || a.span_id.localeCompare(b.span_id))
}
