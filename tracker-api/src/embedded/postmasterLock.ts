import { execFile } from 'node:child_process'
import { readFile, readdir, readlink, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

/** What `postmaster.pid` says: pid on line 1, port on line 4, status on line 8. */
export interface PostmasterLock {
  pid: number
  port: number
  status: string
}

export async function readLock(pgData: string): Promise<PostmasterLock | undefined> {
  const text = await readFile(join(pgData, 'postmaster.pid'), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const lines = text.split('\n')
  return { pid: Math.abs(Number(lines[0])), port: Number(lines[3]), status: (lines[7] ?? '').trim() }
}

/** Whether the process is there and runs: a killed one that its parent has not reaped yet doesn't. */
export async function isRunning(pid: number): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: there, but somebody else's.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  const processStat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  return processStat === undefined || !/^\d+ \(.*\) Z/s.test(processStat)
}

/**
 * Whether the lock's process is a live Postgres of this data folder, and not a dead one whose pid went to
 * somebody else: a Postgres works inside its data folder (Linux), or names it on its command line.
 */
export async function isLive(lock: PostmasterLock, pgData: string): Promise<boolean> {
  if (!(await isRunning(lock.pid))) return false
  const folder = await workingFolder(lock.pid)
  if (folder !== undefined) return folder === (await realpath(pgData))
  const { stdout } = await promisify(execFile)('ps', ['-o', 'command=', '-p', String(lock.pid)]).catch(() => ({ stdout: '' }))
  return stdout.includes(pgData)
}

/**
 * Removes a lock whose server is gone, after the last of that server's processes has left the data folder:
 * without the file Postgres itself could no longer tell that they still use the shared memory.
 */
export async function removeStaleLock(pgData: string): Promise<void> {
  const folder = await realpath(pgData)
  for (let tries = 0; tries < 100 && (await someoneWorksIn(folder)); tries++) await sleep(100)
  await rm(join(pgData, 'postmaster.pid'), { force: true })
}

async function someoneWorksIn(folder: string): Promise<boolean> {
  const entries = await readdir('/proc').catch(() => [])
  const folders = await Promise.all(entries.filter((entry) => /^\d+$/.test(entry)).map((entry) => workingFolder(Number(entry))))
  return folders.includes(folder)
}

async function workingFolder(pid: number): Promise<string | undefined> {
  return readlink(`/proc/${pid}/cwd`).catch(() => undefined)
}
