/** Hours and changes as the tracker would tell them, for tests and pictures. */
import type { Metrics } from '@vividly/tracker-api/contract'
import type { BreakerHistory, Deployments, StageNormals, Trends } from '@vividly/tracker-api/trendsContract'

const HOUR_MS = 3_600_000

/** A day with a bad hour. */
export function sampleTrends(nowMs: number): Trends['buckets'] {
  return Array.from({ length: 24 }, (_, index) => {
    const total = 40 + ((index * 7) % 13)
    const failed = index === 15 ? 12 : index % 3
    const completed = total - failed
    return {
      from: new Date(Math.floor(nowMs / HOUR_MS) * HOUR_MS - (23 - index) * HOUR_MS).toISOString(),
      stage: null,
      order: null,
      total,
      completed,
      failed,
      cancelled: 0,
      skipped: 0,
      retries: failed * 3,
      success_rate: completed / total,
      average_duration_seconds: 180 + index,
      p50_duration_seconds: 175 + index,
      p95_duration_seconds: 240 + 4 * index,
      p99_duration_seconds: 300,
    }
  })
}

/** Two days of what the cards compare. */
export function sampleHours(nowMs: number): Metrics['buckets'] {
  return [1, 0].flatMap((daysAgo) =>
    sampleTrends(nowMs - daysAgo * 24 * HOUR_MS).map(({ from, total, completed, failed, success_rate, average_duration_seconds, p95_duration_seconds }) => ({
      hour: from,
      total: total - 5 * daysAgo,
      completed: completed - 5 * daysAgo,
      failed,
      cancelled: 0,
      success_rate,
      average_duration_seconds,
      p95_duration_seconds,
      stages: [],
    })),
  )
}

/** It opened, was tried, and closed again. */
export function sampleBreakerHistory(name: string): BreakerHistory['items'] {
  const states = ['closed', 'half_open', 'open', 'closed'] as const
  return states.slice(0, 3).map((state, index) => ({
    name,
    service: 'video-worker',
    instance_id: 'instance-1',
    state,
    previous_state: states[index + 1] ?? null,
    changed_at: new Date(Date.UTC(2026, 0, 1, 12, 2 - index)).toISOString(),
  }))
}

/** Two versions in the last day. */
export function sampleDeployments(nowMs: number): Deployments['items'] {
  return ([['video-worker', '2.4.0', 8.4], ['script-worker', '1.9.2', 17.2]] as const).map(([service, version, hoursAgo]) => ({
    organization_id: null,
    service,
    version,
    first_seen_at: new Date(nowMs - hoursAgo * HOUR_MS).toISOString(),
    last_seen_at: new Date(nowMs - HOUR_MS / 2).toISOString(),
  }))
}

export function sampleNormals(): StageNormals['items'] {
  const usual = { validation: 2, rag_retrieval: 10, script_generation: 30, video_generation: 120, video_processing: 20, notification: 2 }
  return Object.entries(usual).map(([stage, seconds]) => ({ stage, samples: 400, p50_seconds: seconds, p95_seconds: seconds * 1.6 }))
}
