import { readFile } from 'node:fs/promises'

/** The kernel counts in these (USER_HZ), on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100

/** CPU seconds, user and system, that one process took so far; ten milliseconds fine, Linux only. */
export async function processCpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  // The second field, the name in parentheses, may hold anything.
  const [utime = 0, stime = 0] = stat.slice(stat.lastIndexOf(')') + 2).split(' ').slice(11, 13).map(Number)
  return (utime + stime) / TICKS_PER_SECOND
}
