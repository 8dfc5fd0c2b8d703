import { stringify } from 'yaml'
import { pipelineAlerts } from './pipelineAlerts.ts'
import { platformAlerts } from './platformAlerts.ts'
import { recordingRules } from './recordingRules.ts'

/** `prometheus/rules.yaml`, as Prometheus and Grafana's alerting import it. */
export function toRuleFile(): string {
  const groups = [...recordingRules, pipelineAlerts, platformAlerts]
  return `# Made by \`npm run alerts\` from dashboards/src/alerts; change it there.\n${stringify({ groups }, { lineWidth: 0 })}`
}
