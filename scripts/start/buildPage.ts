import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const built = join(root, 'grafana-plugin/dist/page/index.html')
const sources = ['grafana-plugin/src', 'grafana-plugin/page', 'grafana-plugin/vite.config.ts', 'tracker-api/src/contract.ts', 'package-lock.json']

/** Builds the page when one of its sources is newer than it. Resolves with whether it did. */
export async function buildPage(): Promise<boolean> {
  const builtAtMs = await stat(built).then((found) => found.mtimeMs, () => 0)
  const changedAtMs = Math.max(...(await Promise.all(sources.map((source) => newestMs(join(root, source))))))
  if (builtAtMs > changedAtMs) return false
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  const child = spawn(process.execPath, [vite, 'build', 'grafana-plugin', '--logLevel', 'warn'], {
    cwd: root,
    // Whatever the caller's is: with `test` or `development` the page would get another React, of twice the size.
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`The page could not be built: vite ended with code ${code}; its message above says why`)
  return true
}

async function newestMs(path: string): Promise<number> {
  const found = await stat(path)
  if (!found.isDirectory()) return found.mtimeMs
  const entries = await readdir(path)
  return Math.max(found.mtimeMs, ...(await Promise.all(entries.map((entry) => newestMs(join(path, entry))))))
}
