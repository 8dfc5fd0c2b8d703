import { setTimeout as sleep } from 'node:timers/promises'
import { quantile } from '../measure/quantile.ts'
import { BURST, PAUSE_MS } from './Workload.ts'
import type { Workload } from './Workload.ts'

const WARM_UP_STAGES = 1500

/** Microseconds. */
export type CallerTimes = { p50: number; p99: number; firstP50: number; firstP99: number }

/**
 * How long each call holds its caller. Every `BURST` stages the process rests; `first` are the calls right after that,
 * as nearly all are in a service that waits for its providers most of the time.
 */
export async function measureCaller({ calls }: Workload, stages: number): Promise<CallerTimes> {
  const took: number[] = []
  const first: number[] = []
  for (let index = 0; index < WARM_UP_STAGES + stages; index += 1) {
    for (const [at, call] of calls.entries()) {
      const startedAtMs = performance.now()
      call()
      const us = (performance.now() - startedAtMs) * 1000
      if (index < WARM_UP_STAGES) continue
      took.push(us)
      if (at === 0 && index % BURST === 0) first.push(us)
    }
    if (index % BURST === BURST - 1) await sleep(PAUSE_MS)
  }
  return { p50: quantile(took, 0.5), p99: quantile(took, 0.99), firstP50: quantile(first, 0.5), firstP99: quantile(first, 0.99) }
}
