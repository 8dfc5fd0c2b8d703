import { spawn } from 'node:child_process'
import { once } from 'node:events'

export type K6Run = { k6: string; file: string; env: Readonly<Record<string, string | undefined>> }

/** One scenario, which writes its summary where `env.SUMMARY_FILE` says. Throws when it did not run to its end. */
export async function runK6({ k6, file, env }: K6Run): Promise<void> {
  // Its own REST interface on any free port; it tells nobody that it ran.
  const args = ['run', '--quiet', '--no-usage-report', '--address', '127.0.0.1:0', '--summary-trend-stats', 'med,p(50),p(95),p(99),max', file]
  const child = spawn(k6, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'inherit', 'inherit'] })
  const stop = () => child.kill('SIGINT')
  process.once('SIGINT', stop).once('SIGTERM', stop)
  const [code] = (await once(child, 'exit')) as [number | null]
  process.off('SIGINT', stop).off('SIGTERM', stop)
  // 99: a threshold did not hold, which the summary says too.
  if (code !== 0 && code !== 99) throw new Error(`k6 ended with ${code}: its words above say why`)
}
