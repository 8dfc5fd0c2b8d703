import { stringify } from 'yaml'
import { pipelineAlerts } from './pipelineAlerts.ts'
import { platformAlerts } from './platformAlerts.ts'
import type { AlertRule, RuleGroup } from './rule.ts'

/** Of `provisioning/datasources/vividly.yaml`. */
const PROMETHEUS_UID = 'vividly-prometheus'
/** Its shortest: a breaker must be told within a minute. */
const EVALUATED_EVERY = '10s'
const LOOKS_BACK_SECONDS = 600

/**
 * The same alerts for Grafana's alerting, as a file that it provisions (12 and newer). An expression that filters, as
 * Prometheus' do, gives no series while all is well, and then a value of any size: that is turned into 1, and nothing
 * is taken as well. The recording rules stay in Prometheus.
 */
export function toGrafanaAlerting(): string {
  const groups = [pipelineAlerts, platformAlerts].map(({ name, rules }: RuleGroup) => ({
    orgId: 1,
    name,
    folder: 'Vividly',
    interval: EVALUATED_EVERY,
    rules: rules.flatMap((rule, at) => ('alert' in rule ? [toGrafanaRule(rule, `${name}-${at}`)] : [])),
  }))
  return `# Made by \`npm run alerts\` from dashboards/src/alerts; change it there.\n${stringify({ apiVersion: 1, groups }, { lineWidth: 0, aliasDuplicateObjects: false })}`
}

function toGrafanaRule({ alert, expr, for: holds = '0s', keep_firing_for: keeps, labels, annotations }: AlertRule, uid: string) {
  const query = (refId: string, promql: string) => ({
    refId,
    relativeTimeRange: { from: LOOKS_BACK_SECONDS, to: 0 },
    datasourceUid: PROMETHEUS_UID,
    model: { refId, expr: promql, instant: true, range: false, intervalMs: 1000, maxDataPoints: 43_200 },
  })
  const expression = (refId: string, model: Record<string, unknown>) => ({
    refId,
    datasourceUid: '__expr__',
    model: { refId, datasource: { type: '__expr__', uid: '__expr__' }, ...model },
  })
  const { long_window: window } = labels
  return {
    uid,
    title: window === undefined ? alert : `${alert} over ${window}`,
    condition: 'fires',
    data: [
      query('query', expr),
      // For the texts: only what an expression gives has a value there.
      expression('value', { type: 'reduce', reducer: 'last', expression: 'query' }),
      query('holds', `clamp((${expr}), 1, 1)`),
      expression('fires', { type: 'threshold', expression: 'holds', conditions: [{ evaluator: { type: 'gt', params: [0] } }] }),
    ],
    noDataState: 'OK',
    execErrState: 'Error',
    for: holds,
    // Spelt so: Grafana drops `keep_firing_for` without a word.
    ...(keeps !== undefined && { keepFiringFor: keeps }),
    // Grafana sets `alertname` to the title.
    labels: { ...labels, rule: alert },
    annotations: Object.fromEntries(Object.entries(annotations).map(([name, text]) => [name, toGrafanaTemplate(text)])),
    isPaused: false,
  }
}

/**
 * Grafana's templates know no queries, so the page's address comes from the environment; its `$value` is a text that
 * holds all values; and in a provisioned file a dollar sign is written twice.
 */
function toGrafanaTemplate(text: string): string {
  return text
    .replaceAll(/from=\{\{ with query [^]*?\{\{ end \}\}&to=\{\{ with query [^]*?\{\{ end \}\}/g, 'from=now-30m')
    .replaceAll(/\{\{ with query [^]*?\{\{ end \}\}/g, '${TRACKER_PUBLIC_URL}')
    .replaceAll('$value', () => '$$values.value.Value')
    .replaceAll('$labels', () => '$$labels')
}
