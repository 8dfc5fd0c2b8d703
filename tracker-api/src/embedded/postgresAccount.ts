import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, chown, cp, mkdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import type { PostgresBinaries } from './postgresBinaries.ts'

const run = promisify(execFile)
const packageFile = z.object({ version: z.string() })
/** Where things go that root's own folders would hide from the account `postgres`. */
const publicFolder = '/var/lib/vividly-tracker'

export interface PostgresAccount {
  uid: number
  gid: number
}

/** Postgres refuses to run as root: then it runs as the account `postgres`, made if missing. Else undefined. */
export async function postgresAccount(): Promise<PostgresAccount | undefined> {
  if (process.getuid?.() !== 0) return undefined
  try {
    return await findAccount()
  } catch {
    try {
      await run('useradd', ['--system', '--user-group', '--no-create-home', 'postgres'])
      return await findAccount()
    } catch (cause) {
      throw new Error('Postgres does not run as root and an account "postgres" could not be made: start as another user', { cause })
    }
  }
}

async function findAccount(): Promise<PostgresAccount> {
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, 'postgres'])))
  return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) }
}

/**
 * A data folder that the account can reach: the wanted one, or, when that lies below a folder closed to others
 * (root's home, a `mktemp -d`), a stable place of its own in /var/lib, one for each wanted path.
 */
export async function reachableDataDir(wanted: string, account: PostgresAccount | undefined): Promise<string> {
  const path = resolve(wanted)
  const open = account === undefined || (await canReach(dirname(path), account))
  const dataDir = open ? path : join(publicFolder, `data-${createHash('sha256').update(path).digest('hex').slice(0, 16)}`)
  await mkdir(dataDir, { recursive: true })
  if (account) await openFolders(dataDir, open ? dataDir : publicFolder)
  return dataDir
}

/** Programs that the account can reach: the installed ones, or a copy of them in /var/lib (60 MB, once a version). */
export async function reachableBinaries(found: PostgresBinaries, account: PostgresAccount | undefined): Promise<PostgresBinaries> {
  if (account === undefined || (await canReach(found.folder, account))) return found
  const { version } = packageFile.parse(JSON.parse(await readFile(join(found.folder, '../package.json'), 'utf8')))
  const folder = join(publicFolder, `postgres-${version}`)
  const at = (path: string) => join(folder, path.slice(found.folder.length))
  if (!(await stat(folder).catch(() => undefined))) {
    const unfinished = `${folder}.${process.pid}`
    await cp(found.folder, unfinished, { recursive: true, verbatimSymlinks: true })
    await openFolders(unfinished, publicFolder)
    // Another process may have finished first; its copy is as good as ours.
    await rename(unfinished, folder).catch(() => rm(unfinished, { recursive: true, force: true }))
  }
  return { initdb: at(found.initdb), postgres: at(found.postgres), folder }
}

/** Whether the account may pass through each folder from the root down to this one, those not made yet left out. */
async function canReach(folder: string, { uid, gid }: PostgresAccount): Promise<boolean> {
  const found = await stat(folder).catch(() => undefined)
  if (found) {
    const passBit = found.uid === uid ? 0o100 : found.gid === gid ? 0o010 : 0o001
    if ((found.mode & passBit) === 0) return false
  }
  const parent = dirname(folder)
  return parent === folder || canReach(parent, { uid, gid })
}

async function openFolders(from: string, upTo: string): Promise<void> {
  await chmod(from, 0o755)
  if (from !== upTo && dirname(from).startsWith(upTo)) await openFolders(dirname(from), upTo)
}

export async function giveTo(account: PostgresAccount | undefined, path: string): Promise<void> {
  if (account) await chown(path, account.uid, account.gid)
}
