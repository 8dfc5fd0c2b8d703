import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { pipelineAlerts } from './pipelineAlerts.ts'
import { platformAlerts } from './platformAlerts.ts'
import { toGrafanaAlerting } from './toGrafanaAlerting.ts'

type Rule = Record<string, unknown> & {
  uid: string
  title: string
  condition: string
  data: { refId: string; datasourceUid: string; model: Record<string, unknown> }[]
  labels: Record<string, string>
  annotations: Record<string, string>
}

const committed = await readFile(join(import.meta.dirname, '../../grafana-alerting/vividly.yaml'), 'utf8')
const { groups } = parse(committed) as { groups: { rules: Rule[] }[] }
const rules = groups.flatMap((group) => group.rules)
const alerts = [...pipelineAlerts.rules, ...platformAlerts.rules].flatMap((rule) => ('alert' in rule ? [rule] : []))

test('grafana-alerting/vividly.yaml is what the typed rules say; else run `npm run alerts`', () => {
  expect(committed).toBe(toGrafanaAlerting())
})

test('every alert is there, under a title and a uid of its own', () => {
  expect(rules.map(({ labels }) => labels['rule'])).toEqual(alerts.map(({ alert }) => alert))
  for (const key of ['uid', 'title'] as const) expect(new Set(rules.map((rule) => rule[key])).size).toBe(rules.length)
  for (const { uid } of rules) expect(uid).toMatch(/^[\w-]{1,40}$/)
})

test('it holds only what Grafana reads: an unknown key is dropped without a word', () => {
  // Of `AlertRuleV1` and `QueryV1` in pkg/services/provisioning/alerting.
  const known = new Set(['uid', 'title', 'condition', 'data', 'noDataState', 'execErrState', 'for', 'keepFiringFor', 'labels', 'annotations', 'isPaused'])
  for (const rule of rules) expect(Object.keys(rule).filter((key) => !known.has(key))).toEqual([])
  const keeping = alerts.flatMap(({ keep_firing_for: keeps }) => keeps ?? [])
  expect(rules.flatMap(({ keepFiringFor }) => keepFiringFor ?? [])).toEqual(keeping)
})

test('each condition rests on queries of the provisioned data source', async () => {
  const sources = await readFile(join(import.meta.dirname, '../../provisioning/datasources/vividly.yaml'), 'utf8')
  for (const { condition, data } of rules) {
    const refIds = data.map(({ refId }) => refId)
    expect(refIds).toContain(condition)
    const [expressions, queries] = [true, false].map((is) => data.filter(({ datasourceUid }) => (datasourceUid === '__expr__') === is))
    for (const { model } of expressions ?? []) expect(refIds).toContain(model['expression'])
    for (const { datasourceUid } of queries ?? []) expect(sources).toContain(`uid: ${datasourceUid}\n`)
  }
})

test('no dollar sign is taken for the name of a variable but the one that is', () => {
  for (const { data, annotations } of rules) {
    expect(JSON.stringify(data)).not.toContain('$')
    for (const text of Object.values(annotations)) {
      const rest = text.replaceAll('${TRACKER_PUBLIC_URL}', '').replaceAll(/\$\$(labels|values\.value\.Value)\b/g, '')
      expect(rest).not.toMatch(/\$|with query/)
    }
  }
})
