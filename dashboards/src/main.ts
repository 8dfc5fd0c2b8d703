import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { Command } from 'commander'
import { toGrafanaAlerting } from './alerts/toGrafanaAlerting.ts'
import { toRuleFile } from './alerts/toRuleFile.ts'

const files = { 'prometheus/rules.yaml': toRuleFile(), 'grafana-alerting/vividly.yaml': toGrafanaAlerting() }

const { check } = new Command('alerts')
  .description('Writes dashboards/prometheus/rules.yaml and the same for Grafana’s alerting from the typed rules.')
  .option('--check', 'write nothing; fail when a file is not what would be written')
  .parse()
  .opts<{ check?: true }>()

for (const [name, text] of Object.entries(files)) {
  const file = join(import.meta.dirname, '..', name)
  if (!check) {
    await writeFile(file, text)
    console.log(`wrote dashboards/${name}`)
  } else if ((await readFile(file, 'utf8')) !== text) {
    console.error(`${name} is not what the typed rules say; run \`npm run alerts\``)
    process.exitCode = 1
  }
}
