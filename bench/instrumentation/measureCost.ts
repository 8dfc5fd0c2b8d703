import { setTimeout as sleep } from 'node:timers/promises'
import { BURST, PAUSE_MS } from './Workload.ts'
import type { Workload } from './Workload.ts'

/** Until the compiler has seen what is to be measured. */
const WARM_UP_STAGES = 4000
/** Longer than the SDK's batches wait, so that what is measured includes their sending. */
const SENDING_MS = 6000

/** CPU of the whole process a stage, serialization and sending included. */
export async function measureCost({ stage }: Workload, stages: number): Promise<{ microseconds: number }> {
  await inBursts(stage, WARM_UP_STAGES)
  await sleep(SENDING_MS)
  const since = process.cpuUsage()
  await inBursts(stage, stages)
  await sleep(SENDING_MS)
  const { user, system } = process.cpuUsage(since)
  return { microseconds: (user + system) / stages }
}

async function inBursts(stage: Workload['stage'], count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await stage()
    if (index % BURST === 0) await sleep(PAUSE_MS)
  }
}
