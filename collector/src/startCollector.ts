import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildCollector } from './buildCollector.ts'

const folder = join(import.meta.dirname, '..')
const READY_WITHIN_MS = 15_000

export type CollectorOptions = {
  /** Files of this folder; several are merged in order, as `--config` given several times. */
  configs: readonly string[]
  /** The variables that the configuration reads, `COLLECTOR_HEALTH_PORT` at least. */
  env: Record<string, string>
  /** Default: nothing is shown unless it fails to start. */
  onLog?: (line: string) => void
}

export type RunningCollector = {
  readonly pid: number | undefined
  /** SIGTERM; resolves when it has ended. */
  stop: () => Promise<void>
  /** SIGKILL, as a crash. */
  kill: () => Promise<void>
}

/** @throws Error with its last words when it does not become healthy */
export async function startCollector({ configs, env, onLog }: CollectorOptions): Promise<RunningCollector> {
  const program = await buildCollector(onLog ?? (() => {}))
  const child = spawn(program, configs.flatMap((config) => ['--config', join(folder, config)]), {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let words = ''
  const hear = (chunk: Buffer) => {
    words = `${words}${chunk.toString()}`.slice(-4000)
    onLog?.(chunk.toString())
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const healthUrl = `http://127.0.0.1:${env['COLLECTOR_HEALTH_PORT']}`
  const giveUpAt = performance.now() + READY_WITHIN_MS
  while (!(await isHealthy(healthUrl))) {
    if (child.exitCode !== null || performance.now() > giveUpAt) {
      await end(child, 'SIGKILL')
      throw new Error(`The Collector with ${configs.join(' and ')} did not become healthy:\n${words}`)
    }
    await sleep(50)
  }
  return { pid: child.pid, stop: () => end(child, 'SIGTERM'), kill: () => end(child, 'SIGKILL') }
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(1000) })).ok
  } catch {
    return false
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}
