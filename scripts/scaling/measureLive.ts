import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuSeconds } from '../../bench/ingest/cpuSeconds.ts'
import { makeWorkload } from '../../bench/ingest/makeWorkload.ts'
import { postBodies } from '../../bench/ingest/postBodies.ts'
import type { Cpu } from './measureCosts.ts'

/** Requests that are told together, in posts of so many records: what a Collector gathers in its 200 ms at that rate. */
const TOGETHER = 5
const BATCH = 25
const worker = join(import.meta.dirname, '../../bench/ingest/trackerWorker.ts')

/** CPU that a request costs when so many are told a second, evenly; of a tracker of its own process and of Postgres. */
export async function measureLive(databaseUrl: string, postmaster: number, requestsPerSecond: number, seconds: number): Promise<Cpu> {
  const tracker = spawn(process.execPath, [worker, databaseUrl], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [url] = (await once(createInterface({ input: tracker.stdout }), 'line')) as [string]
    const pid = tracker.pid ?? Number.NaN
    const requests = await tellFor(url, 2, requestsPerSecond).then(async () => {
      const before = [await cpuSeconds(pid), await cpuSeconds(postmaster)] as const
      const told = await tellFor(url, seconds, requestsPerSecond)
      const after = [await cpuSeconds(pid), await cpuSeconds(postmaster)] as const
      return { told, node: after[0] - before[0], postgres: after[1] - before[1] }
    })
    const perRequest = (seconds: number) => Number(((seconds * 1000) / requests.told).toPrecision(3))
    return { nodeCpuMs: perRequest(requests.node), postgresCpuMs: perRequest(requests.postgres) }
  } finally {
    const exited = once(tracker, 'exit')
    tracker.kill('SIGTERM')
    await exited
  }
}

/** @returns how many requests were told */
async function tellFor(url: string, seconds: number, perSecond: number): Promise<number> {
  const startedMs = Date.now()
  const turns = Math.round((seconds * perSecond) / TOGETHER)
  const telling: Promise<unknown>[] = []
  for (let turn = 0; turn < turns; turn += 1) {
    await sleep(startedMs + (turn * TOGETHER * 1000) / perSecond - Date.now())
    telling.push(postBodies(url, makeWorkload(TOGETHER, BATCH, 'protobuf', startedMs + turn), 1))
  }
  await Promise.all(telling)
  return turns * TOGETHER
}
