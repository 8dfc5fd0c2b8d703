import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

const main = join(import.meta.dirname, '../../content-pipeline/src/main.ts')
const stopMs = 6_000

export interface Example {
  /** Resolves when the example has ended, by itself or by `stop`. */
  ended: Promise<unknown>
  stop: () => Promise<void>
}

/**
 * Runs the example pipeline in a process of its own, its lines prefixed. It is in a session of its own, so that
 * Ctrl-C reaches us alone and we can stop it first; the channel between us ends it when we are killed.
 */
export function startExample(args: readonly string[], environment: Readonly<Record<string, string>>): Example {
  const child = spawn(process.execPath, [main, ...args], {
    detached: true,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  prefix(child.stdout, console.log)
  prefix(child.stderr, console.error)
  const ended = once(child, 'exit')
  return {
    ended,
    stop: async () => {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), stopMs)
      await ended
      clearTimeout(timer)
      endGroup(child.pid)
    },
  }
}

/** Its children that were still starting have not been told to stop. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined || process.platform === 'win32') return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // None is left.
  }
}

function prefix(stream: Readable | null, write: (line: string) => void): void {
  if (stream) createInterface({ input: stream }).on('line', (line) => write(`example │ ${line}`))
}
