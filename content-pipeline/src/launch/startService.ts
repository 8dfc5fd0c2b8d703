import { fork } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { ReadyMessage } from './runService.ts'

/** A service that died is started again after this long. */
const RESTART_AFTER_MS = 1000
/** A service that did not stop by itself within this long is killed. */
const KILL_AFTER_MS = 2400

export type Service = { name: string; url: string | undefined; stop: () => Promise<void> }

/**
 * Runs `src/<file>` in a process of its own and waits until it says that it works. One that dies later is started
 * again. The child ends by itself when this process does, for the channel between them closes.
 *
 * @throws Error when it ends before it was ready; it has then said why on stderr
 */
export async function startService(file: string, environment: NodeJS.ProcessEnv): Promise<Service> {
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url))
  const stopping = new AbortController()
  let current = spawn()

  function spawn() {
    const child = fork(path, { env: environment, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    return { child, exited }
  }

  async function keepAlive() {
    while (!stopping.signal.aborted) {
      await current.exited
      if (stopping.signal.aborted) return
      console.error(`${file} ended; starting it again`)
      await sleep(RESTART_AFTER_MS)
      if (!stopping.signal.aborted) current = spawn()
    }
  }

  const ready = new Promise<ReadyMessage>((resolve) => {
    current.child.once('message', (message) => resolve(message as ReadyMessage))
  })
  const message = await Promise.race([ready, current.exited])
  if (!message) throw new Error(`${file} could not start`)
  void keepAlive()
  return {
    name: file,
    url: message.url,
    async stop() {
      stopping.abort()
      const { child, exited } = current
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS)
      await exited
      clearTimeout(timer)
    },
  }
}
