import type { RampingArrivalRateScenario } from 'k6/options'
import { durationSeconds } from './durationSeconds.ts'

/** As {@link openModel}, at a rate that goes in a straight line from each of the given ones to the next, in equal times. */
export function rampingModel(exec: string, perSecond: readonly number[], duration = __ENV['DURATION'] ?? '30s'): RampingArrivalRateScenario {
  const [startRate = 0, ...targets] = perSecond.map((rate) => Math.round(rate * 60))
  const stageMs = Math.floor((durationSeconds(duration) * 1000) / targets.length)
  return {
    executor: 'ramping-arrival-rate', exec, startRate, timeUnit: '1m', preAllocatedVUs: 50, maxVUs: 400, gracefulStop: '10s',
    stages: targets.map((target) => ({ target, duration: `${stageMs}ms` })),
  }
}
