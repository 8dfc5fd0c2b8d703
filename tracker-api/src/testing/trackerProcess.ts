import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

export type TrackerProcess = {
  url: string
  /** Of the process that runs now. */
  pid: () => number
  /** SIGKILL, then a new process on the same port. Resolves when the new one is ready. */
  killAndRestart: () => Promise<void>
  /** SIGKILL: it says nothing and closes nothing. */
  kill: () => Promise<void>
  stop: () => Promise<void>
}

/**
 * The tracker as its users run it, in a process of its own on a free port. Resolves when it is ready.
 * @param program default the one of this checkout
 */
export async function startTrackerProcess(databaseUrl: string, program = main): Promise<TrackerProcess> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  let child = await start()

  async function start(): Promise<ChildProcess> {
    const started = spawn(process.execPath, [program], {
      env: {
        ...process.env,
        DATABASE_URL: databaseUrl,
        TRACKER_HOST: '127.0.0.1',
        TRACKER_PORT: String(port),
        TRACKER_OTLP_PORT: 'off',
        LOG_LEVEL: 'error',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let complaints = ''
    started.stderr?.on('data', (chunk: Buffer) => (complaints += chunk.toString()))
    const giveUpAt = performance.now() + 30_000
    while (!(await isReady(url))) {
      if (started.exitCode !== null || performance.now() > giveUpAt) {
        throw new Error(`The tracker did not become ready:\n${complaints}`)
      }
      await sleep(50)
    }
    return started
  }

  return {
    url,
    pid: () => child.pid ?? NaN,
    killAndRestart: async () => {
      await end(child, 'SIGKILL')
      child = await start()
    },
    kill: () => end(child, 'SIGKILL'),
    stop: () => end(child, 'SIGTERM'),
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
