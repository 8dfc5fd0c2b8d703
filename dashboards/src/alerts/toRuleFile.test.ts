import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pipelineAlerts } from './pipelineAlerts.ts'
import { platformAlerts } from './platformAlerts.ts'
import { recordingRules } from './recordingRules.ts'
import { unknownMetricsIn } from './testing/knownMetrics.ts'
import { toRuleFile } from './toRuleFile.ts'

test('prometheus/rules.yaml is what the typed rules say; else run `npm run alerts`', async () => {
  const committed = await readFile(join(import.meta.dirname, '../../prometheus/rules.yaml'), 'utf8')
  expect(committed).toBe(toRuleFile())
})

test('every metric that a rule names exists', () => {
  for (const { rules } of [...recordingRules, pipelineAlerts, platformAlerts]) {
    for (const { expr } of rules) expect([expr, unknownMetricsIn(expr)]).toEqual([expr, []])
  }
  expect(unknownMetricsIn('rate(vividly_no_such_total[5m])')).toEqual(['vividly_no_such_total'])
})
