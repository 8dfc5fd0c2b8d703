import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { isStale } from './isStale.ts'

const root = join(import.meta.dirname, '..')
const built = join(import.meta.dirname, 'dist/page/index.html')
const SOURCES = ['grafana-plugin/page', 'grafana-plugin/vite.config.ts']

/** Builds the page into `dist/page` when one of its sources is newer than it. Resolves with whether it did. */
export async function buildPage(): Promise<boolean> {
  if (!(await isStale(built, SOURCES))) return false
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  const child = spawn(process.execPath, [vite, 'build', 'grafana-plugin', '--logLevel', 'warn'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`The page could not be built: vite ended with code ${code}; its message above says why`)
  return true
}
