import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { findForeignListeners } from './findForeignListeners.ts'

const READY_WITHIN_MS = 60_000

export type PeerProgram = { pid: number; /** SIGTERM; resolves when it has ended. */ stop: () => Promise<void> }

/**
 * Starts a program of others and waits until `readyUrl` answers. One that listens where others than this machine reach
 * it is ended at once, and that is an Error, as is one that does not become ready.
 */
export async function startPeerProgram(program: string, args: readonly string[], env: Record<string, string>, readyUrl: string): Promise<PeerProgram> {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let words = ''
  const hear = (chunk: Buffer) => (words = `${words}${chunk.toString()}`.slice(-4000))
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  child.on('error', (error) => hear(Buffer.from(error.message)))
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined
  const end = async (signal: NodeJS.Signals) => {
    if (hasEnded()) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }
  const giveUpAt = performance.now() + READY_WITHIN_MS
  for (let ready = false; !ready; ) {
    const foreign = hasEnded() ? [] : await findForeignListeners(child.pid ?? NaN).catch(() => [])
    if (foreign.length > 0 || hasEnded() || performance.now() > giveUpAt) {
      await end('SIGKILL')
      throw new Error(foreign.length > 0 ? `${program} listens beyond this machine, on ${foreign.join(', ')}` : `${program} did not become ready:\n${words}`)
    }
    ready = await answers(readyUrl)
    if (!ready) await sleep(50)
  }
  return { pid: child.pid ?? NaN, stop: () => end('SIGTERM') }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(1_000) })).ok
  } catch {
    return false
  }
}
