import { readdir, readFile } from 'node:fs/promises'

/** The kernel counts in these (USER_HZ), on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100

type Accounted = { parent: number; ownTicks: number; childTicks: number }

/**
 * CPU seconds, user and system, that a process and all below it took, those that have ended included. Ten
 * milliseconds fine; Linux only.
 */
export async function cpuSeconds(pid: number): Promise<number> {
  const processes = new Map<number, Accounted>()
  for (const name of await readdir('/proc')) {
    if (/^\d+$/.test(name)) await account(Number(name), processes)
  }
  const isBelow = (one: number): boolean => one === pid || (one > 1 && isBelow(processes.get(one)?.parent ?? 0))
  let ticks = 0
  for (const [one, { ownTicks, childTicks }] of processes) if (isBelow(one)) ticks += ownTicks + childTicks
  return ticks / TICKS_PER_SECOND
}

async function account(pid: number, processes: Map<number, Accounted>): Promise<void> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  if (stat === undefined) return
  // The second field, the name in parentheses, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ').map(Number)
  const [parent = 0, utime = 0, stime = 0, cutime = 0, cstime = 0] = [fields[1], fields[11], fields[12], fields[13], fields[14]]
  processes.set(pid, { parent, ownTicks: utime + stime, childTicks: cutime + cstime })
}
