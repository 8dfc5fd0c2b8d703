import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export type Heard = { messages: number; bytes: number; begun: number; arrivals: [id: string, atMs: number][] }
export type Listeners = { hear: () => Promise<Heard>; close: () => Promise<void> }

/** So many readers of one stream, in another process. Resolves when all of them receive. */
export async function openListeners(url: URL, count: number): Promise<Listeners> {
  const args = [join(import.meta.dirname, 'listener.ts'), url.hostname, url.port, url.pathname + url.search, String(count)]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => {
    const { value, done = false } = await lines.next()
    if (done) throw new Error(`The readers of ${url.href} ended; their last words are above`)
    return value as string
  }
  await next()
  return {
    hear: async () => {
      child.stdin.write('\n')
      return JSON.parse(await next()) as Heard
    },
    close: async () => {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    },
  }
}
