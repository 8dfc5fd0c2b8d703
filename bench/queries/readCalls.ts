import { REQUEST_STATUSES, TERMINAL_STATUSES } from '@vividly/tracker-api/contract'

/** What a call promises when a million requests are stored, in milliseconds from asking to the whole answer, warm. */
export type Promised = { p50: number; p99: number }
export type ReadCall = {
  name: string
  promised: Promised
  /** Below API_BASE; `n` counts the calls, so that each asks for another request. */
  path: (known: Known, n: number) => string
}

/** What there is to ask for in the seeded database. */
export type Known = {
  /** Of requests with events and spans. */
  ids: readonly string[]
  /** Of any requests, old ones too. */
  anyIds: readonly string[]
  /** Of a page halfway through all requests. */
  deepCursor: string
}

const FIRST: Promised = { p50: 2, p99: 10 }
const USUAL: Promised = { p50: 5, p99: 25 }
const SEARCH: Promised = { p50: 150, p99: 150 }
const active = REQUEST_STATUSES.filter((status) => !TERMINAL_STATUSES.some((terminal) => terminal === status))
const of = (values: readonly string[], n: number) => values[n % values.length] ?? ''
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString()

const call = (name: string, promised: Promised, path: ReadCall['path'] | string): ReadCall => ({
  name,
  promised,
  path: typeof path === 'string' ? () => path : path,
})

/** Every endpoint that reads, with the parameters that change its plan. */
export const readCalls: readonly ReadCall[] = [
  call('list', FIRST, '/requests'),
  call('list_active', FIRST, `/requests?${active.map((status) => `status=${status}`).join('&')}`),
  call('list_failed', FIRST, '/requests?status=failed'),
  call('list_deep_page', FIRST, ({ deepCursor }) => `/requests?cursor=${encodeURIComponent(deepCursor)}`),
  call('list_of_organization', USUAL, (_, n) => `/requests?organization=org-${n % 20}`),
  call('list_of_student', USUAL, (_, n) => `/requests?student=student-${n % 5000}`),
  call('list_of_stage', USUAL, '/requests?stage=video_generation'),
  call('list_of_status_in_organization', USUAL, '/requests?status=generating_video&organization=org-7'),
  call('list_of_days', USUAL, () => `/requests?from=${daysAgo(20)}&to=${daysAgo(19)}`),
  call('list_retrying', USUAL, '/requests?condition=retrying'),
  call('list_late', USUAL, '/requests?condition=late'),
  call('list_stalled', USUAL, '/requests?condition=stalled'),
  call('list_of_error_type', USUAL, '/requests?error_type=TimeoutError'),
  call('list_of_unknown_error_type', USUAL, '/requests?error_type=NoSuchError'),
  call('list_of_unknown_breaker', USUAL, '/requests?breaker=no-such-breaker'),
  call('search_id', FIRST, ({ anyIds }, n) => `/requests?q=${of(anyIds, n)}`),
  call('search_frequent', SEARCH, '/requests?q=volcano'),
  call('search_rare', SEARCH, '/requests?q=quokka'),
  call('search_none', SEARCH, '/requests?q=zebrafish'),
  call('search_student_name', SEARCH, (_, n) => `/requests?q=Number%20${1_000 + (n % 4_000)}`),
  call('search_two_letters', SEARCH, '/requests?q=zq'),
  call('search_part_of_id', SEARCH, (_, n) => `/requests?q=0000${(n % 4096).toString(16).padStart(3, '0')}7`),
  call('detail', FIRST, ({ anyIds }, n) => `/requests/${of(anyIds, n)}`),
  call('events', USUAL, ({ ids }, n) => `/requests/${of(ids, n)}/events`),
  call('spans', USUAL, ({ ids }, n) => `/requests/${of(ids, n)}/spans`),
  call('dashboard', FIRST, '/dashboard'),
  call('dashboard_of_organization', FIRST, (_, n) => `/dashboard?organization=org-${n % 20}`),
  call('metrics_day', FIRST, '/metrics'),
  call('metrics_day_of_organization', FIRST, (_, n) => `/metrics?organization=org-${n % 20}`),
  call('metrics_month', SEARCH, () => `/metrics?from=${daysAgo(30)}`),
  call('trends_day_by_hour', USUAL, () => `/trends?step=hour&from=${daysAgo(1)}`),
  call('trends_month_by_day', SEARCH, '/trends'),
  call('comparison', USUAL, '/trends/comparison'),
  call('concurrency', USUAL, '/trends/concurrency'),
  call('normals', USUAL, '/stages/normals'),
  call('outliers', USUAL, '/outliers'),
  call('circuit_breakers', FIRST, '/circuit-breakers'),
  call('breaker_history', USUAL, '/circuit-breakers/provider/history'),
]
