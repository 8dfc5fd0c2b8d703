/** `npm run openapi`: writes docs/openapi.json from the schemas that validate. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createOpenApi } from '@vividly/tracker-api/openApi'

const file = join(import.meta.dirname, '../docs/openapi.json')
await writeFile(file, `${JSON.stringify(createOpenApi(), null, 2)}\n`)
console.log(`wrote ${file}`)
