import type { Sample } from './clusterMetrics.ts'

/** How many ended within a bucket, with one of them. Bucket `n` ends at bound `n - 1`, from 0; 0: no duration known. */
export type BucketCount = {
  labels: Record<string, string>
  bucket: number
  total: number
  sum_seconds: number
  trace_id: string
  exemplar_seconds: number | null
  /** Unix seconds. */
  exemplar_at: number
}

/** A Prometheus histogram: cumulative buckets, sum and count of each set of labels, a trace ID with each bucket. */
export function durationSamples(name: string, bounds: readonly number[], counts: readonly BucketCount[]): Sample[] {
  const series = Map.groupBy(
    counts.filter(({ bucket }) => bucket > 0),
    ({ labels }) => JSON.stringify(labels),
  )
  return [...series.values()].flatMap((buckets) => {
    const labels = buckets[0]?.labels ?? {}
    let cumulative = 0
    const samples = [...bounds, Number.POSITIVE_INFINITY].map((bound, index): Sample => {
      const counted = buckets.find(({ bucket }) => bucket === index + 1)
      cumulative += counted?.total ?? 0
      const le = bound === Number.POSITIVE_INFINITY ? '+Inf' : String(bound)
      return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: cumulative, ...exemplarOf(counted) }
    })
    const sum = buckets.reduce((seconds, { sum_seconds }) => seconds + sum_seconds, 0)
    return [...samples, { metricName: `${name}_sum`, labels, value: sum }, { metricName: `${name}_count`, labels, value: cumulative }]
  })
}

function exemplarOf(counted: BucketCount | undefined): Pick<Sample, 'exemplar'> {
  if (counted === undefined || counted.exemplar_seconds === null) return {}
  const { trace_id, exemplar_seconds: value, exemplar_at: timestamp } = counted
  return { exemplar: { labelSet: { trace_id }, value, timestamp } }
}
