import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuSeconds } from '../ingest/cpuSeconds.ts'
import { openListeners } from './openListeners.ts'

export type Traffic = { listeners: number; perSecond: number; bytes: number; atOnce: number; seconds: number }

/** Microseconds of CPU a message that a bare `socket.write` of it takes, `atOnce` messages a write. */
export async function measureBare({ listeners, perSecond, bytes, atOnce, seconds }: Traffic): Promise<number> {
  const args = [perSecond, bytes, atOnce].map(String)
  const server = spawn(process.execPath, [join(import.meta.dirname, 'bareServer.ts'), ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  try {
    const [port] = (await once(createInterface({ input: server.stdout }), 'line')) as [string]
    const readers = await openListeners(new URL(`http://127.0.0.1:${port}/`), listeners)
    server.stdin.write('begin\n')
    await sleep(500)
    await readers.hear()
    const before = await cpuSeconds(server.pid ?? NaN)
    await sleep(seconds * 1000)
    const after = await cpuSeconds(server.pid ?? NaN)
    const { messages } = await readers.hear()
    await readers.close()
    return ((after - before) / messages) * 1e6
  } finally {
    const exited = once(server, 'exit')
    server.kill('SIGTERM')
    await exited
  }
}
