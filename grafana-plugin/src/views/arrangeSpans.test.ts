import type { RequestSpan } from '@vividly/tracker-api/contract'
import fc from 'fast-check'
import { expect, it } from 'vitest'

import { arrangeSpans } from './arrangeSpans.ts'

function span(id: number, parent: number | null, fromS: number, toS: number): RequestSpan {
  const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString()
  return {
    span_id: String(id).padStart(16, '0'), parent_span_id: parent === null ? null : String(parent).padStart(16, '0'), name: `span ${id}`,
    stage_name: null, kind: 1, status_code: 0, status_message: null, started_at: at(fromS), ended_at: at(toS),
    duration_seconds: toS - fromS, attributes: {}, source_service: null, source_host: null,
  }
}

it('sets each span under its parent, brothers by their start', () => {
  const placed = arrangeSpans([span(1, null, 0, 10), span(3, 1, 5, 10), span(2, 1, 0, 5), span(4, 3, 6, 7)])
  expect(placed.map(({ span: { name }, depth }) => [name, depth])).toEqual([['span 1', 0], ['span 2', 1], ['span 3', 1], ['span 4', 2]])
  expect(placed[3]).toMatchObject({ from: 0.6, to: 0.7 })
})

it('loses no span and shows none twice, whatever the parents say', () => {
  const parents = fc.array(fc.record({ parent: fc.option(fc.nat(12)), from: fc.nat(50), length: fc.nat(50) }), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(parents, (told) => {
      const spans = told.map(({ parent, from, length }, id) => span(id, parent, from, from + length))
      const placed = arrangeSpans(spans)
      expect(placed.map((one) => one.span.span_id).sort()).toEqual(spans.map((one) => one.span_id).sort())
      for (const { from, to } of placed) expect(from >= 0 && from <= to && to <= 1).toBe(true)
    }),
  )
})
