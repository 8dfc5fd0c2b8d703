import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Recording } from '../../tracker-api/src/store/createRecorder.ts'
import { peakMegabytes } from '../measure/peakMegabytes.ts'
import { cpuSeconds } from './cpuSeconds.ts'
import type { Body } from './makeWorkload.ts'
import { postBodies } from './postBodies.ts'

export type Cost = {
  items: number
  /** Microseconds of CPU an item. */
  nodeUs: number
  postgresUs: number
  itemsPerSecond: number
  p50Ms: number
  p99Ms: number
  /** Of the tracker's memory, at its peak. */
  megabytes: number
}

type Measured = { databaseUrl: string; postmaster: number; warmUp: Body[]; bodies: Body[]; clients: number; recording?: Partial<Recording> }

/** Posts all bodies to a tracker of its own process on an empty database: a 200 is behind its commit. */
export async function measureIngest({ databaseUrl, postmaster, warmUp, bodies, clients, recording = {} }: Measured): Promise<Cost> {
  const args = [join(import.meta.dirname, 'trackerWorker.ts'), databaseUrl, JSON.stringify(recording)]
  const profiled = process.env['CPU_PROFILE_DIR'] ? ['--cpu-prof', `--cpu-prof-dir=${process.env['CPU_PROFILE_DIR']}`] : []
  const tracker = spawn(process.execPath, [...profiled, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [url] = (await once(createInterface({ input: tracker.stdout }), 'line')) as [string]
    await postBodies(url, warmUp, clients)
    const pid = tracker.pid ?? Number.NaN
    const before = [await cpuSeconds(pid), await cpuSeconds(postmaster)]
    const startedMs = performance.now()
    const { latenciesMs } = await postBodies(url, bodies, clients)
    const seconds = (performance.now() - startedMs) / 1000
    const after = [await cpuSeconds(pid), await cpuSeconds(postmaster)]
    const items = bodies.reduce((sum, body) => sum + body.items, 0)
    const usPerItem = (i: number): number => (((after[i] ?? 0) - (before[i] ?? 0)) / items) * 1e6
    return {
      items,
      nodeUs: usPerItem(0),
      postgresUs: usPerItem(1),
      itemsPerSecond: items / seconds,
      p50Ms: latenciesMs[Math.floor(latenciesMs.length * 0.5)] ?? 0,
      p99Ms: latenciesMs[Math.floor(latenciesMs.length * 0.99)] ?? 0,
      megabytes: await peakMegabytes(pid),
    }
  } finally {
    const exited = once(tracker, 'exit')
    tracker.kill('SIGTERM')
    await exited
  }
}
