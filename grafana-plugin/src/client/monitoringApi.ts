import type {
  API_BASE as ContractBase,
  CircuitBreakers,
  Dashboard,
  Metrics,
  RequestDetail,
  RequestEventList,
  RequestList,
  RequestSpanList,
  RequestStatus,
} from '@vividly/tracker-api/contract'
import type { BreakerHistory, Deployments, Organizations, StageNormals, Trends } from '@vividly/tracker-api/trendsContract'

import { ApiError, toApiError } from './apiError.ts'

export const API_BASE: typeof ContractBase = '/api/v1/monitoring'
const ANSWER_DEADLINE_MS = 10_000

export type RequestQuery = {
  status?: readonly RequestStatus[]
  condition?: 'retrying' | 'late' | 'stalled'
  stage?: string
  organization?: string
  student?: string
  breaker?: string
  error_type?: string
  q?: string
  /** ISO 8601: created at or after, and before. */
  from?: string
  to?: string
  limit?: number
  cursor?: string
}

export type MonitoringApi = ReturnType<typeof createMonitoringApi>

/**
 * The monitoring endpoints as functions. Each throws {@link ApiError} for an answer other than 2xx and for no
 * answer within 10 s; an abort by the caller rejects with the caller's reason.
 * @param base where the tracker is, e.g. '' for the page's own origin
 */
export function createMonitoringApi(base: string, fetchImpl: typeof fetch = (...args) => fetch(...args)) {
  async function request(path: string, init: RequestInit): Promise<Response> {
    let response: Response
    try {
      response = await fetchImpl(base + API_BASE + path, { ...init, credentials: 'same-origin' })
    } catch (cause) {
      if (init.signal?.aborted && init.signal.reason?.name !== 'TimeoutError') throw cause
      throw new ApiError('The tracker does not answer. Is it running, and is the network up?', { cause })
    }
    if (!response.ok) throw await toApiError(response)
    return response
  }

  async function getJson<T>(path: string, signal: AbortSignal): Promise<T> {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_DEADLINE_MS)])
    const response = await request(path, { signal: bounded, headers: { accept: 'application/json' } })
    return (await response.json()) as T
  }

  return {
    listRequests: (query: RequestQuery, signal: AbortSignal) =>
      getJson<RequestList>(`/requests${toQueryString(query)}`, signal),
    /** @param id in any of its three spellings */
    getRequest: (id: string, signal: AbortSignal) =>
      getJson<RequestDetail>(`/requests/${encodeURIComponent(id)}`, signal),
    listEvents: (id: string, cursor: string | undefined, signal: AbortSignal) =>
      getJson<RequestEventList>(
        `/requests/${encodeURIComponent(id)}/events${toQueryString({ limit: 200, cursor })}`,
        signal,
      ),
    getDashboard: (timezone: string, signal: AbortSignal) =>
      getJson<Dashboard>(`/dashboard${toQueryString({ tz: timezone })}`, signal),
    /** Hour by hour, oldest first. @param from ISO 8601 */
    getMetrics: (from: string, signal: AbortSignal) => getJson<Metrics>(`/metrics${toQueryString({ from })}`, signal),
    /** Those that have ended, by start. */
    listSpans: (id: string, signal: AbortSignal) =>
      getJson<RequestSpanList>(`/requests/${encodeURIComponent(id)}/spans`, signal),
    getTrends: (query: { from: string; step: 'hour' | 'day'; tz: string }, signal: AbortSignal) =>
      getJson<Trends>(`/trends${toQueryString(query)}`, signal),
    /** Newest first. */
    getBreakerHistory: (name: string, signal: AbortSignal) =>
      getJson<BreakerHistory>(`/circuit-breakers/${encodeURIComponent(name)}/history${toQueryString({ limit: 20 })}`, signal),
    /** When versions of services were first heard of, newest first. @param query ISO 8601 */
    getDeployments: (query: { from: string; to?: string }, signal: AbortSignal) =>
      getJson<Deployments>(`/deployments${toQueryString({ ...query, limit: 200 })}`, signal),
    /** By name. */
    getOrganizations: (signal: AbortSignal) => getJson<Organizations>('/organizations?limit=1000', signal),
    /** What stages took in the last seven days. */
    getStageNormals: (signal: AbortSignal) => getJson<StageNormals>('/stages/normals', signal),
    /** `hidden` from who may see one organization only: breakers are the platform's (403). */
    getBreakers: (signal: AbortSignal): Promise<CircuitBreakers & { hidden?: true }> =>
      getJson<CircuitBreakers>('/circuit-breakers', signal).catch((error: unknown) => {
        if (error instanceof ApiError && error.status === 403) return { items: [], hidden: true }
        throw error
      }),
    /** Resolves when the headers are there; the body goes on until the signal aborts. */
    openStream: (cursor: string | undefined, timezone: string, signal: AbortSignal) =>
      request(`/stream${toQueryString({ cursor, tz: timezone })}`, {
        signal,
        headers: { accept: 'text/event-stream' },
        cache: 'no-store',
      }),
  }
}

function toQueryString(query: Record<string, string | number | readonly string[] | undefined>): string {
  const params = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === '') continue
    if (typeof value === 'object') for (const one of value) params.append(key, one)
    else params.append(key, String(value))
  }
  return params.size > 0 ? `?${params.toString()}` : ''
}
