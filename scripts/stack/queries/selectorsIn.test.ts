import { expect, test } from 'vitest'
import { selectorsIn } from './selectorsIn.ts'

test.each([
  ['sum by (vividly_stage_name, le) (rate(vividly_span_duration_seconds_bucket[5m]))', ['vividly_span_duration_seconds_bucket']],
  ['absent(up{job="vividly-tracker"} == 1)', ['up{job="vividly-tracker"}']],
  [
    'stage:vividly_stage_duration_seconds:p95_15m > 2 * stage:vividly_stage_duration_seconds:p95_normal and on (pipeline) cluster:vividly_queue_depth{pipeline="a"} > 0',
    ['stage:vividly_stage_duration_seconds:p95_15m', 'stage:vividly_stage_duration_seconds:p95_normal', 'cluster:vividly_queue_depth{pipeline="a"}'],
  ],
  ['vector(1)', []],
])('%s selects %j', (expr, selectors) => {
  expect(selectorsIn(expr)).toEqual(selectors)
})
