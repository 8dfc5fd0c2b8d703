import { setTimeout as sleep } from 'node:timers/promises'
import type { Part, ScaledStack } from '../startScaledStack.ts'
import { listenAsPage } from './listenAsPage.ts'
import { tellLoad } from './tellLoad.ts'
import type { Told } from './tellLoad.ts'
import { waitUntilStored } from './waitUntilStored.ts'

export type DrillOptions = {
  /** Taken away one after another. */
  kill: readonly Part[]
  /** Each is away for so long, and so long under load before and after. */
  seconds: number
  requestsPerSecond: number
  /** For the comparison of throughput, told as fast as they are taken. */
  requests: number
  say: (line: string) => void
}

export type DrillResult = {
  requests: number
  acknowledged: number
  repeated: number
  missing: number
  unfinished: number
  /** Of each listener: requests that it shows otherwise than a fresh read. */
  misheard: number[]
  /** Requests that each listener shows; 0 would make the line above worthless. */
  shown: number[]
  /** Records and spans a second, from the first post until the last of them is stored. */
  perSecond: { oneTracker: number; scaled: number }
}

const CLIENTS = 8

/** Load on the scaled stack while parts of it are killed and given back; then what is missing, by Postgres and listeners. */
export async function runDrill(stack: ScaledStack, { kill, seconds, requestsPerSecond, requests, say }: DrillOptions): Promise<DrillResult> {
  const listeners = stack.trackers.map(() => listenAsPage(stack.trackerUrl))
  try {
    const [tracker] = stack.trackers
    if (tracker === undefined) throw new Error('There is no tracker')
    const oneTracker = await measure(stack, tracker.url, requests)
    say(`one tracker, told directly: ${Math.round(oneTracker.perSecond)} records and spans a second, stored`)
    const scaled = await measure(stack, stack.otlpUrl, requests)
    const share = (scaled.perSecond / oneTracker.perSecond).toFixed(2)
    say(`through Collectors, Kafka and ${stack.trackers.length} trackers: ${Math.round(scaled.perSecond)} a second (${share} of it)`)

    const atMs = Date.now() + (kill.length * 2 + 1) * seconds * 1000
    const telling = tellLoad({ url: stack.otlpUrl, clients: CLIENTS, until: { atMs, requestsPerSecond } })
    for (const part of kill) {
      await sleep(seconds * 1000)
      await stack.parts[part].kill()
      say(`${part} is killed`)
      await sleep(seconds * 1000)
      await stack.parts[part].restart()
      say(`${part} is back`)
    }
    const told = await telling
    say(`${told.items} records and spans of ${told.traceIds.length} requests are acknowledged; ${told.repeated} posts had to be repeated`)
    const all = [oneTracker.told, scaled.told, told]
    const traceIds = all.flatMap((each) => each.traceIds)
    const { missing, unfinished } = await waitUntilStored(stack.databaseUrl, traceIds)
    const misheard = await Promise.all(listeners.map(async (listener) => (await listener.differences()).length))
    return {
      requests: traceIds.length,
      acknowledged: all.reduce((sum, { items }) => sum + items, 0),
      repeated: told.repeated,
      missing,
      unfinished,
      misheard,
      shown: listeners.map(({ shown }) => shown()),
      perSecond: { oneTracker: Math.round(oneTracker.perSecond), scaled: Math.round(scaled.perSecond) },
    }
  } finally {
    for (const listener of listeners) listener.stop()
  }
}

async function measure({ databaseUrl }: ScaledStack, url: string, requests: number): Promise<{ told: Told; perSecond: number }> {
  const told = await tellLoad({ url, clients: CLIENTS, until: { requests } })
  const { atMs } = await waitUntilStored(databaseUrl, told.traceIds)
  return { told, perSecond: (told.items * 1000) / (atMs - told.startedAtMs) }
}
