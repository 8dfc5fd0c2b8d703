import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { toDashboardFiles } from './toDashboardFiles.ts'

for (const [name, text] of Object.entries(toDashboardFiles())) {
  await writeFile(join(import.meta.dirname, '../../grafana', name), text)
  console.log(`wrote dashboards/grafana/${name}`)
}
