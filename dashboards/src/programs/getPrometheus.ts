import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const cache = join(import.meta.dirname, '../../../.cache')
/** Debian's own build looks for its templates where only an installed package has them. */
const ALERTMANAGER = 'github.com/prometheus/alertmanager/cmd'
const ALERTMANAGER_VERSION = 'v0.27.0'

export type PrometheusPrograms = { prometheus: string; promtool: string; alertmanager: string; amtool: string }

/**
 * Prometheus and Alertmanager: those on the PATH, else got once and kept under `.cache/`, with nothing installed:
 * Prometheus as Debian's package, unpacked, and Alertmanager built with Go.
 *
 * @throws Error where neither works, saying what to install
 */
export async function getPrometheus(): Promise<PrometheusPrograms> {
  const [prometheus, alertmanager] = [join(cache, 'prometheus/usr/bin'), join(cache, 'alertmanager')]
  return {
    ...(await programs(['prometheus', 'promtool'], prometheus, () => unpackPackage('prometheus', join(cache, 'prometheus')))),
    ...(await programs(['alertmanager', 'amtool'], alertmanager, () => build(['alertmanager', 'amtool'], alertmanager))),
  } as PrometheusPrograms
}

async function programs(names: string[], folder: string, get: () => Promise<void>): Promise<Record<string, string>> {
  if (await areOnPath(names)) return Object.fromEntries(names.map((name) => [name, name]))
  if (!existsSync(folder)) {
    await get().catch((cause: unknown) => {
      throw new Error(`${names.join(' and ')} are not on the PATH and could not be got. Install them.`, { cause })
    })
  }
  return Object.fromEntries(names.map((name) => [name, join(folder, name)]))
}

async function unpackPackage(name: string, folder: string): Promise<void> {
  const work = await emptyFolder(`${folder}.unpacking`)
  await run('apt-get', ['download', name], { cwd: work })
  for (const file of await readdir(work)) if (file.endsWith('.deb')) await run('dpkg', ['-x', file, '.'], { cwd: work })
  await rename(work, folder)
}

async function build(names: string[], folder: string): Promise<void> {
  const work = await emptyFolder(`${folder}.building`)
  const modules = names.map((name) => `${ALERTMANAGER}/${name}@${ALERTMANAGER_VERSION}`)
  await run('go', ['install', ...modules], { env: { ...process.env, GOBIN: work } })
  await rename(work, folder)
}

async function emptyFolder(folder: string): Promise<string> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  return folder
}

async function areOnPath(names: string[]): Promise<boolean> {
  const found = await Promise.allSettled(names.map((name) => run(name, ['--version'])))
  return found.every(({ status }) => status === 'fulfilled')
}
