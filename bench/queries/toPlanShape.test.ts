import { expect, test } from 'vitest'
import { toPlanShape } from './toPlanShape.ts'

test('each way to a table is told once, whatever the partition and the depth', () => {
  const scan = (partition: string) => ({
    'Node Type': 'Index Scan', 'Relation Name': `content_requests_${partition}`, 'Index Name': `content_requests_${partition}_created_at_id_idx`,
  })
  const plan = {
    'Node Type': 'Limit',
    Plans: [
      { 'Node Type': 'Append', Plans: [scan('2026_10'), scan('2026_11'), scan('foreign_low')] },
      { 'Node Type': 'Seq Scan', 'Relation Name': 'request_events_2026_11_03' },
      { 'Node Type': 'Seq Scan', 'Relation Name': 'request_events_foreign_high' },
      {
        'Node Type': 'Bitmap Heap Scan', 'Relation Name': 'request_metrics',
        Plans: [{ 'Node Type': 'Bitmap Index Scan', 'Index Name': 'request_metrics_hour_idx' }],
      },
    ],
  }
  expect(toPlanShape([plan], new Set(['request_events_foreign_high']))).toEqual([
    'all of request_events',
    'by content_requests_created_at_id_idx',
    'by request_metrics_hour_idx',
  ])
})
