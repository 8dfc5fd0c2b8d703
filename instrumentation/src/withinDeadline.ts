import { warn } from './warnOnce.ts'

/** Waits for work, but no longer than the deadline, and never rejects: either failure is one warning. */
export async function withinDeadline(
  what: string,
  deadlineMs: number,
  work: () => Promise<unknown>,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, deadlineMs, 'late')
  })
  try {
    if ((await Promise.race([work(), deadline])) === 'late') {
      warn(`${what} took over ${deadlineMs} ms and goes on without us; what was not sent by now may be lost.`)
    }
  } catch (error) {
    warn(`${what} failed; what was not sent by now is lost.`, error)
  } finally {
    clearTimeout(timer)
  }
}
