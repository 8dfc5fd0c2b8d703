/** `node scripts/compose/givePlugin.ts FOLDER`: puts the built Grafana plugin where Grafana's container finds it. */
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'

const [folder = '/plugins/vividly-tracker-app'] = process.argv.slice(2)
await cp(join(import.meta.dirname, '../../grafana-plugin/dist/plugin'), folder, { recursive: true, force: true })
console.log(`The plugin is in ${folder}`)
