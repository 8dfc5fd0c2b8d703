import { setTimeout as sleep } from 'node:timers/promises'
import { quantile } from '../measure/quantile.ts'
import { BURST, PAUSE_MS } from './Workload.ts'
import type { Workload } from './Workload.ts'

const WARM_UP_STAGES = 1500

/** Microseconds. */
export type CallerTimes = { p50: number; p99: number; firstP50: number; wholeP50: number; wholeP99: number }

/**
 * How long each call holds its caller. Every `BURST` stages the process rests; `first` are the calls right after that,
 * as nearly all are in a service that waits for its providers most of the time. `whole` is a stage of work that takes no
 * time itself, two events and a child span in it, until its caller goes on.
 */
export async function measureCaller({ calls, stage }: Workload, stages: number): Promise<CallerTimes> {
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
  const whole: number[] = []
  for (let index = 0; index < stages; index += 1) {
    const startedAtMs = performance.now()
    await stage()
    whole.push((performance.now() - startedAtMs) * 1000)
    if (index % BURST === BURST - 1) await sleep(PAUSE_MS)
  }
  return {
    p50: quantile(took, 0.5),
    p99: quantile(took, 0.99),
    firstP50: quantile(first, 0.5),
    wholeP50: quantile(whole, 0.5),
    wholeP99: quantile(whole, 0.99),
  }
}
