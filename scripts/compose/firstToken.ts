/**
 * `node scripts/compose/firstToken.ts FILE`: makes the token that the containers of docker-compose.yml and its reader
 * use, once, and keeps it in FILE, on a volume that only those containers have.
 */
import { execFile } from 'node:child_process'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'

const tracker = join(import.meta.dirname, '../../tracker-api/src/main.ts')
const [file = '/run/vividly/token'] = process.argv.slice(2)

const kept = await readFile(file, 'utf8').catch(() => undefined)
const secret = kept ?? (await makeToken())
console.log(`The tracker is at ${process.env['TRACKER_PUBLIC_URL'] ?? 'its address'}; log in with ${secret}`)

async function makeToken(): Promise<string> {
  const args = ['tokens', 'create', '--name', 'docker compose', '--all-organizations', '--scopes', 'admin', '--days', '3650', '--json']
  const { stdout } = await promisify(execFile)(process.execPath, [tracker, ...args])
  const token = JSON.parse(stdout) as { secret: string }
  // Whole or not there: a container that dies half-way must not leave half a token. Their accounts differ, hence the mode.
  await writeFile(`${file}.new`, token.secret, { mode: 0o644 })
  await rename(`${file}.new`, file)
  return token.secret
}
