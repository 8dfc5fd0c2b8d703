import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, readdirSync, renameSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

/** Whether a process of another host still lives nobody here can ask; it is taken for dead after an hour of silence. */
const SILENT_MS = 3_600_000

export const SPOOL_FILE_ENDING = '.parcel'

export type SpoolFile = { path: string; bytes: number }
export type SpoolFolder = { folder: string; leftovers: SpoolFile[] }

/**
 * A folder for this process alone, `<dir>/<service>/<host>.<pid>.<start>.<random>`, and the files that dead
 * processes of the service left, which are moved into it. Renaming is atomic: of two that start, one gets them.
 * @throws Error where the disk says no.
 */
export function openSpoolFolder(dir: string, service: string, nowMs: number): SpoolFolder {
  const home = join(dir, encodeURIComponent(service))
  const host = encodeURIComponent(hostname()).replaceAll('.', '%2E')
  const name = [host, process.pid, startTicks(process.pid) ?? 0, randomBytes(4).toString('hex')].join('.')
  const folder = join(home, name)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (const other of readdirSync(home)) {
    if (other === name || !isDead(join(home, other), other.split('.'), host, nowMs)) continue
    moveIfThere(join(home, other), join(folder, other))
  }
  const leftovers = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(SPOOL_FILE_ENDING))
    .map((file) => join(folder, file))
    .sort()
  return { folder, leftovers: leftovers.map((path) => ({ path, bytes: statSync(path).size })) }
}

function isDead(path: string, [itsHost, pid, ticks]: string[], host: string, nowMs: number): boolean {
  if (itsHost !== host) return nowMs - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? nowMs) > SILENT_MS
  if (!isRunning(Number(pid))) return true
  const now = startTicks(Number(pid))
  // The number went to another process since, as 1 does to each that a container starts.
  return now !== undefined && now !== ticks
}

function isRunning(pid: number): boolean {
  try {
    return Number.isInteger(pid) && pid > 0 && process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** When a process started, by Linux's own count; elsewhere `undefined`. */
function startTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
}
