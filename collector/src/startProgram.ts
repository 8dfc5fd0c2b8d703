import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'

const READY_WITHIN_MS = 30_000

export type ProgramOptions = {
  program: string
  args: readonly string[]
  env?: Record<string, string>
  /** A URL that answers 2xx once it works; or what it prints then, for those that have no such URL. */
  ready: string | RegExp
  /** Default: nothing is shown unless it fails to start. */
  onLog?: ((line: string) => void) | undefined
}

export type RunningProgram = {
  pid: number
  /** SIGTERM; resolves when it has ended. */
  stop: () => Promise<void>
  /** SIGKILL, as a crash. */
  kill: () => Promise<void>
}

/** @throws Error with its last words when it does not become ready */
export async function startProgram({ program, args, env = {}, ready, onLog }: ProgramOptions): Promise<RunningProgram> {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let words = ''
  const hear = (chunk: Buffer) => {
    words = `${words}${chunk.toString()}`.slice(-4000)
    onLog?.(chunk.toString())
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  child.on('error', (error) => (words += error.message))
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (hasEnded()) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }

  const giveUpAt = performance.now() + READY_WITHIN_MS
  while (!(typeof ready === 'string' ? await answers(ready) : ready.test(words))) {
    if (hasEnded() || performance.now() > giveUpAt) {
      await end('SIGKILL')
      throw new Error(`${program} did not become ready:\n${words}`)
    }
    await sleep(50)
  }
  return { pid: child.pid ?? Number.NaN, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(1000) })).ok
  } catch {
    return false
  }
}
