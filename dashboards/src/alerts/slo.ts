/** What is promised of requests, and how fast its budget may burn before somebody is told. */
export const SLO = {
  /** Of the requests that end in 30 days, this share is completed. Cancelled ones don't count. */
  objective: 0.99,
  /** Failures within the long window below which nobody is woken: one of three at night is no outage. */
  leastFailures: 3,
} as const

/**
 * Burn rates by the SRE workbook, chapter 5, table 5-8: at `factor` times the budget's even pace over both windows,
 * which ends the alert soon after the trouble does.
 */
export const BURN_RATES = [
  { factor: 14.4, long: '1h', short: '5m', severity: 'page' },
  { factor: 6, long: '6h', short: '30m', severity: 'page' },
  { factor: 3, long: '1d', short: '2h', severity: 'ticket' },
  { factor: 1, long: '3d', short: '6h', severity: 'ticket' },
] as const
