import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const home = join(import.meta.dirname, '../../../.cache/prometheus')
const PACKAGES = ['prometheus', 'prometheus-alertmanager']

export type PrometheusPrograms = { prometheus: string; promtool: string; alertmanager: string; amtool: string }

/**
 * Prometheus and Alertmanager: those on the PATH, else Debian's packages, unpacked under `.cache/` and not installed.
 *
 * @throws Error where there are neither, saying what to install
 */
export async function getPrometheus(): Promise<PrometheusPrograms> {
  if (await isOnPath('promtool', 'prometheus', 'alertmanager', 'amtool')) {
    return { prometheus: 'prometheus', promtool: 'promtool', alertmanager: 'alertmanager', amtool: 'amtool' }
  }
  if (!existsSync(home)) await unpack()
  const bin = join(home, 'usr/bin')
  return {
    prometheus: join(bin, 'prometheus'),
    promtool: join(bin, 'promtool'),
    alertmanager: join(bin, 'prometheus-alertmanager'),
    amtool: join(bin, 'amtool'),
  }
}

async function unpack(): Promise<void> {
  const work = `${home}.unpacking`
  await rm(work, { recursive: true, force: true })
  await mkdir(work, { recursive: true })
  try {
    await run('apt-get', ['download', ...PACKAGES], { cwd: work })
    for (const file of await readdir(work)) if (file.endsWith('.deb')) await run('dpkg', ['-x', file, '.'], { cwd: work })
  } catch (cause) {
    throw new Error(
      'Prometheus and Alertmanager are neither on the PATH nor to be had as Debian packages. Install both (with promtool and amtool), 2.42 and 0.25 or newer.',
      { cause },
    )
  }
  await rename(work, home)
}

async function isOnPath(...programs: string[]): Promise<boolean> {
  const found = await Promise.allSettled(programs.map((program) => run(program, ['--version'])))
  return found.every(({ status }) => status === 'fulfilled')
}
