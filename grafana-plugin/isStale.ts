import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
/** What page and plugin are both made of. */
const COMMON = [
  'grafana-plugin/src',
  'grafana-plugin/package.json',
  'tracker-api/src/contract.ts',
  'tracker-api/src/trendsContract.ts',
  'instrumentation/src/semconv.ts',
  'package-lock.json',
]

/** Whether a built file is not there, or older than one of its sources: files and folders below the checkout's root. */
export async function isStale(built: string, sources: readonly string[]): Promise<boolean> {
  const builtAtMs = await stat(built).then((found) => found.mtimeMs, () => 0)
  const changedAtMs = await Promise.all([...COMMON, ...sources].map((source) => newestMs(join(root, source))))
  return builtAtMs <= Math.max(...changedAtMs)
}

async function newestMs(path: string): Promise<number> {
  const found = await stat(path)
  if (!found.isDirectory()) return found.mtimeMs
  const entries = await readdir(path)
  return Math.max(found.mtimeMs, ...(await Promise.all(entries.map((entry) => newestMs(join(path, entry))))))
}
