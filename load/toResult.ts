/** k6's end-of-test data, as far as it is read here. */
export type K6Summary = {
  state: { testRunDurationMs: number }
  metrics: Record<string, { type: string; values: Record<string, number>; thresholds?: Record<string, { ok: boolean }> }>
}

/** One threshold and how it went. */
export type Verdict = { metric: string; promise: string; measured: number | undefined; held: boolean }

export type Result = {
  seconds: number
  requests: number
  requestsPerSecond: number
  verdicts: Verdict[]
  /** Milliseconds, of each kind of call. */
  durations: Record<string, { p50: number; p95: number; p99: number; max: number }>
}

/** A threshold that nothing was measured for has not held: a scenario that calls nothing proves nothing. */
export function toResult({ state, metrics }: K6Summary): Result {
  const verdicts = Object.entries(metrics).flatMap(([metric, { values, thresholds }]) =>
    Object.entries(thresholds ?? {}).map(([promise, { ok }]) => {
      const measured = values[/^\s*([\w()]+)/.exec(promise)?.[1]?.replace('p(50)', 'med') ?? '']
      return { metric, promise, measured, held: ok && measured !== undefined && wasCalled(metrics, metric) }
    }),
  )
  const durations = Object.fromEntries(
    Object.entries(metrics).flatMap(([name, { values }]) => {
      const [, endpoint] = /^http_req_duration\{endpoint:(\w+)\}$/.exec(name) ?? /^(change_to_client)$/.exec(name) ?? []
      if (endpoint === undefined) return []
      const { med = 0, 'p(95)': p95 = 0, 'p(99)': p99 = 0, max = 0 } = values
      return [[endpoint, { p50: med, p95, p99, max }]]
    }),
  )
  const { count = 0, rate = 0 } = metrics['http_reqs']?.values ?? {}
  return { seconds: state.testRunDurationMs / 1000, requests: count, requestsPerSecond: rate, verdicts, durations }
}

function wasCalled(metrics: K6Summary['metrics'], metric: string): boolean {
  if (metrics[metric]?.type !== 'trend') return (metrics['http_reqs']?.values['count'] ?? 0) > 0
  return (metrics[metric]?.values['max'] ?? 0) > 0
}
