import type { ConstantArrivalRateScenario } from 'k6/options'

/**
 * Iterations begin at this rate however long those before them take, as users and services do: a slow tracker is
 * shown by waiting times, not hidden by fewer calls.
 */
export function openModel(exec: string, perSecond: number, duration = __ENV['DURATION'] ?? '30s'): ConstantArrivalRateScenario {
  // Fewer than one a second is said a minute.
  const unit = perSecond < 1 ? { rate: Math.max(1, Math.round(perSecond * 60)), timeUnit: '1m' } : { rate: Math.round(perSecond), timeUnit: '1s' }
  return { executor: 'constant-arrival-rate', exec, ...unit, duration, preAllocatedVUs: Math.max(20, Math.ceil(perSecond / 2)), maxVUs: 400, gracefulStop: '10s' }
}
