import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')
const SQL = 'migrations/sql'

/** An older commit's files, in a folder of their own. */
export type Release = { commit: string; folder: string; remove: () => Promise<void> }

/**
 * The newest commit from which this schema is reached by adding migrations at the end, as between releases.
 * @throws where git or the history is missing, as in an archive or a shallow clone
 */
export async function releaseBefore(): Promise<string> {
  const ours = await migrationsAt('HEAD')
  const changes = (await git('log', '--format=%H', '--', SQL)).split('\n')
  for (const change of changes) {
    const theirs = await migrationsAt(`${change}~1`)
    if (theirs.length < ours.length && theirs.every((name, at) => name === ours[at])) return `${change}~1`
  }
  throw new Error('No commit has a schema from which the migrations of this one go on.')
}

async function migrationsAt(commit: string): Promise<string[]> {
  return (await git('ls-tree', '--name-only', commit, `${SQL}/`)).split('\n').filter(Boolean)
}

/**
 * Its own packages are the commit's, those of others are ours: a commit that needs one which is gone since can't be run.
 * @param revision as git takes it
 * @throws if there is no such commit
 */
export async function checkOutRelease(revision: string): Promise<Release> {
  const commit = await git('rev-parse', '--verify', `${revision}^{commit}`)
  const folder = await mkdtemp(join(tmpdir(), 'vividly-release-'))
  const archive = join(folder, 'release.tar')
  await git('archive', '--output', archive, commit)
  await run('tar', ['-xf', archive, '-C', folder])
  await linkModules(folder)
  return { commit, folder, remove: () => rm(folder, { recursive: true, force: true }) }
}

async function linkModules(folder: string): Promise<void> {
  const ours = join(root, 'node_modules')
  const theirs = join(folder, 'node_modules')
  await mkdir(join(theirs, '@vividly'), { recursive: true })
  const names = (await readdir(ours)).filter((name) => name !== '@vividly' && !name.startsWith('.'))
  await Promise.all(names.map((name) => symlink(join(ours, name), join(theirs, name))))
  const packages = await readdir(join(ours, '@vividly'))
  await Promise.all(packages.map((name) => symlink(join(folder, name), join(theirs, '@vividly', name))))
}

async function git(...args: string[]): Promise<string> {
  return (await run('git', args, { cwd: root })).stdout.trim()
}
