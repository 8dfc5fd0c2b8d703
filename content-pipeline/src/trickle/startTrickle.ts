import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../simulators/latency.ts'
import { drawRequest } from './drawRequest.ts'

const TIMEOUT_MS = 5000

/**
 * Asks the intake for a video now and then: the first two at once, the others at random moments, on average
 * `perMinute` of them, as independent students would.
 */
export function startTrickle(intakeUrl: string, perMinute: number, random: Random): { stop: () => void } {
  const stopped = new AbortController()
  void run()
  return { stop: () => stopped.abort() }

  async function run() {
    await Promise.all([ask(), ask()])
    while (!stopped.signal.aborted) {
      const waitMs = (-Math.log(1 - random()) * 60_000) / perMinute
      await sleep(waitMs, undefined, { signal: stopped.signal }).catch(() => {})
      if (!stopped.signal.aborted) await ask()
    }
  }

  async function ask() {
    try {
      const answer = await fetch(`${intakeUrl}/content-requests`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(drawRequest(random)),
        signal: AbortSignal.any([stopped.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      })
      if (!answer.ok) console.error(`The intake answered ${answer.status}: ${await answer.text()}`)
    } catch (error) {
      if (!stopped.signal.aborted) console.error('The intake did not take a request:', error)
    }
  }
}
