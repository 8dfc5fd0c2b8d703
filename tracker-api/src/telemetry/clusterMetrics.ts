import type { AilingRequests } from '../store/readAilingRequests.ts'
import type { ClusterFacts as FactsOfOneLook } from '../store/readClusterFacts.ts'
import { durationSamples } from './durationSamples.ts'
import {
  METRIC_ACTIVE_REQUESTS,
  METRIC_BREAKER_CALLS,
  METRIC_BREAKER_STATE,
  METRIC_CLASS_REQUESTS,
  METRIC_DATABASE_BYTES,
  METRIC_DEAD_LETTERS,
  METRIC_LATE_REQUESTS,
  METRIC_OLDEST_REQUEST_AGE,
  METRIC_PARTITIONS_AHEAD,
  METRIC_QUEUE_DEPTH,
  METRIC_REQUESTS_CREATED,
  METRIC_REQUEST_DURATION,
  METRIC_REQUESTS,
  METRIC_RETRYING_STAGES,
  METRIC_RUNNING_STAGES,
  METRIC_STAGES,
  METRIC_STAGE_DURATION,
  METRIC_STAGE_OLDEST_RUNNING,
  METRIC_STAGE_RETRIES,
  METRIC_STALLED_REQUESTS,
  METRIC_USUAL_DURATION,
} from './metricNames.ts'

/** What is told; `ailing` may be older than the rest. */
export type ClusterFacts = FactsOfOneLook & { ailing: AilingRequests[] }

export type Sample = {
  /** Where it is not the metric's: `…_bucket`, `…_sum`, `…_count`. */
  metricName?: string
  labels: Record<string, string>
  value: number
  exemplar?: { labelSet: { trace_id: string }; value: number; timestamp: number }
}

export type ClusterMetric = {
  name: string
  help: string
  type: 'counter' | 'gauge' | 'histogram'
  samples: (facts: ClusterFacts) => Sample[]
}

const BREAKER_STATES = ['closed', 'half_open', 'open']

/** What the database knows of the whole cluster, as metrics: equal on every replica, so rules take `max`, not `sum`. */
export const CLUSTER_METRICS: readonly ClusterMetric[] = [
  {
    name: METRIC_REQUESTS_CREATED,
    help: 'Requests created, by pipeline',
    type: 'counter',
    samples: ({ ended }) => ended.filter(isCreation).map(({ pipeline, total }) => ({ labels: { pipeline }, value: total })),
  },
  {
    name: METRIC_REQUESTS,
    help: 'Requests that have ended, by pipeline and how',
    type: 'counter',
    samples: ({ ended }) =>
      summed(ended.filter(isRequestEnd), ({ pipeline, status }) => ({ pipeline, status }), ({ total }) => total),
  },
  {
    name: METRIC_CLASS_REQUESTS,
    help: 'Requests created and ended, by pipeline, class of their organization and how',
    type: 'counter',
    samples: ({ classes }) => classes.map(({ total, ...labels }) => ({ labels, value: total })),
  },
  {
    name: METRIC_REQUEST_DURATION,
    help: 'Seconds from creation to end of a request, by pipeline and how it ended',
    type: 'histogram',
    samples: ({ bounds, ended }) =>
      durationSamples(
        METRIC_REQUEST_DURATION,
        bounds,
        ended.filter(isRequestEnd).map((row) => ({ ...row, labels: { pipeline: row.pipeline, status: row.status } })),
      ),
  },
  {
    name: METRIC_STAGES,
    help: 'Stages that have ended, by pipeline, stage and how',
    type: 'counter',
    samples: ({ ended }) => summed(ended.filter(isStageEnd), stageEndLabels, ({ total }) => total),
  },
  {
    name: METRIC_STAGE_RETRIES,
    help: 'Attempts beyond the first of stages that have ended, by pipeline and stage',
    type: 'counter',
    samples: ({ ended }) =>
      summed(ended.filter(isStageEnd), ({ pipeline, stage }) => ({ pipeline, stage }), ({ retries }) => retries),
  },
  {
    name: METRIC_STAGE_DURATION,
    help: 'Seconds from start to end of a stage, its retries included, by pipeline, stage and how it ended',
    type: 'histogram',
    samples: ({ bounds, ended }) =>
      durationSamples(
        METRIC_STAGE_DURATION,
        bounds,
        ended.filter(isStageEnd).map((row) => ({ ...row, labels: stageEndLabels(row) })),
      ),
  },
  {
    name: METRIC_ACTIVE_REQUESTS,
    help: 'Requests under way, by pipeline and status',
    type: 'gauge',
    samples: ({ active }) => active.map(({ pipeline, status, count }) => ({ labels: { pipeline, status }, value: count })),
  },
  {
    name: METRIC_QUEUE_DEPTH,
    help: 'Requests that nobody has taken up yet, by pipeline',
    type: 'gauge',
    samples: ({ active, ended }) => {
      const waiting = active.filter(({ status }) => status === 'pending')
      return pipelinesOf(ended).map((pipeline) => ({
        labels: { pipeline },
        value: waiting.find((row) => row.pipeline === pipeline)?.count ?? 0,
      }))
    },
  },
  {
    name: METRIC_OLDEST_REQUEST_AGE,
    help: 'Age in seconds of the oldest request under way, by pipeline and status',
    type: 'gauge',
    samples: ({ active }) =>
      active.map(({ pipeline, status, oldest_seconds: value }) => ({ labels: { pipeline, status }, value })),
  },
  {
    name: METRIC_RUNNING_STAGES,
    help: 'Stages that run, by pipeline and stage',
    type: 'gauge',
    samples: ({ stages }) => stages.map(({ pipeline, stage, running }) => ({ labels: { pipeline, stage }, value: running })),
  },
  {
    name: METRIC_RETRYING_STAGES,
    help: 'Stages that wait for their next attempt, by pipeline and stage',
    type: 'gauge',
    samples: ({ stages }) => stages.map(({ pipeline, stage, retrying }) => ({ labels: { pipeline, stage }, value: retrying })),
  },
  {
    name: METRIC_STAGE_OLDEST_RUNNING,
    help: 'Seconds since the longest running or retrying stage started, by pipeline and stage',
    type: 'gauge',
    samples: ({ stages }) =>
      stages.map(({ pipeline, stage, oldest_seconds: value }) => ({ labels: { pipeline, stage }, value })),
  },
  {
    name: METRIC_LATE_REQUESTS,
    help: 'Requests whose stage takes more than twice its expected time, by pipeline',
    type: 'gauge',
    samples: ({ ailing, ended }) => ailingSamples(ailing, ended, 'late'),
  },
  {
    name: METRIC_STALLED_REQUESTS,
    help: 'Requests of which nothing was heard for too long, with no retry due, by pipeline',
    type: 'gauge',
    samples: ({ ailing, ended }) => ailingSamples(ailing, ended, 'stalled'),
  },
  {
    name: METRIC_USUAL_DURATION,
    help: 'Seconds that a stage, or a whole request, took in the last week, by quantile',
    type: 'gauge',
    samples: ({ usual }) =>
      usual.flatMap(({ stage, p05, p50, p95 }) =>
        Object.entries({ '0.05': p05, '0.5': p50, '0.95': p95 }).map(([quantile, value]) => ({ labels: { stage, quantile }, value })),
      ),
  },
  {
    name: METRIC_BREAKER_STATE,
    help: '1 for the state of the worst living instance of a circuit breaker, 0 for the others',
    type: 'gauge',
    samples: ({ breakers }) =>
      breakers.flatMap(({ name, state }) =>
        BREAKER_STATES.map((each) => ({ labels: { name, state: each }, value: each === state ? 1 : 0 })),
      ),
  },
  {
    name: METRIC_BREAKER_CALLS,
    help: 'Calls through the living instances of a circuit breaker since they started, by how they went',
    type: 'gauge',
    samples: ({ breakers }) =>
      breakers.flatMap(({ name, calls, failures, rejected }) => [
        { labels: { name, kind: 'success' }, value: calls - failures },
        { labels: { name, kind: 'failure' }, value: failures },
        { labels: { name, kind: 'rejected' }, value: rejected },
      ]),
  },
  {
    name: METRIC_DEAD_LETTERS,
    help: 'Records refused and kept as dead letters since the database was made',
    type: 'counter',
    samples: ({ dead_letters: value }) => [{ labels: {}, value }],
  },
  {
    name: METRIC_PARTITIONS_AHEAD,
    help: 'Seconds for which partitions are made, by table',
    type: 'gauge',
    samples: ({ partitions }) => partitions.map(({ table, ahead_seconds: value }) => ({ labels: { table }, value })),
  },
  {
    name: METRIC_DATABASE_BYTES,
    help: 'Size of the database on disk',
    type: 'gauge',
    samples: ({ database_bytes: value }) => [{ labels: {}, value }],
  },
]

type Ended = ClusterFacts['ended'][number]

const isCreation = ({ status }: Ended): boolean => status === 'created'
const isRequestEnd = ({ stage, status }: Ended): boolean => stage === '' && status !== 'created'
const isStageEnd = ({ stage }: Ended): boolean => stage !== ''
const stageEndLabels = ({ pipeline, stage, status }: Ended) => ({ pipeline, stage, status })
const pipelinesOf = (ended: Ended[]): string[] => [...new Set(ended.map(({ pipeline }) => pipeline))]

/** 0 where none ails: a series that comes and goes would fool rules. */
function ailingSamples(ailing: ClusterFacts['ailing'], ended: Ended[], ailment: 'late' | 'stalled'): Sample[] {
  return pipelinesOf(ended).map((pipeline) => ({
    labels: { pipeline },
    value: ailing.find((row) => row.pipeline === pipeline)?.[ailment] ?? 0,
  }))
}

/** A sample for each set of labels, however many buckets it has. */
function summed(rows: Ended[], labelsOf: (row: Ended) => Record<string, string>, valueOf: (row: Ended) => number): Sample[] {
  const sums = new Map<string, Sample>()
  for (const row of rows) {
    const labels = labelsOf(row)
    const key = JSON.stringify(labels)
    const sample = sums.get(key) ?? { labels, value: 0 }
    sums.set(key, { labels, value: sample.value + valueOf(row) })
  }
  return [...sums.values()]
}
