import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { Command } from 'commander'
import { toRuleFile } from './alerts/toRuleFile.ts'

const file = join(import.meta.dirname, '../prometheus/rules.yaml')

const { check } = new Command('alerts')
  .description('Writes dashboards/prometheus/rules.yaml from the typed rules.')
  .option('--check', 'write nothing; fail when the file is not what would be written')
  .parse()
  .opts<{ check?: true }>()

if (check) {
  if ((await readFile(file, 'utf8')) !== toRuleFile()) {
    console.error('prometheus/rules.yaml is not what the typed rules say; run `npm run alerts`')
    process.exitCode = 1
  }
} else {
  await writeFile(file, toRuleFile())
  console.log('wrote dashboards/prometheus/rules.yaml')
}
