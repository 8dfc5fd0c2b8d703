export type AlertCase = {
  alert: string
  when: string
  /** Where a name stands for rules of several severities. */
  severity?: string
  /** Between two values and two evaluations; default a minute. */
  every?: string
  /** Prometheus' notation for tests: `0+1x60` is 0, 1, 2, … 60. */
  series: Record<string, string>
  /** Times from the beginning at which it fires; and at which it does not. */
  fires: string[]
  quiet: string[]
}
