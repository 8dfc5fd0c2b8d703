import type { Identity } from './identity.ts'
import { trackerUrl } from './readEnvironment.ts'

/** The tracker's answer to `GET /api/v1/monitoring/requests/{id}`, of which these are the fields most asked for. */
export type RequestStatus = {
  id: string
  correlation_id: string
  trace_id: string
  status: string
  current_stage: string | null
  /** 0 to 100. */
  progress_percentage: number
  error_message: string | null
  stages: { name: string; order: number; status: string; retry_count: number }[]
  [field: string]: unknown
}

/**
 * @param defaultUrl the tracker's address where `VIVIDLY_TRACKER_URL` says none.
 * @throws Error saying what stood in the way: no address, no answer in time, no such request, no readable answer.
 */
export async function fetchRequestStatus(
  identity: Identity,
  defaultUrl: string | undefined,
  timeoutMs: number,
): Promise<RequestStatus> {
  const asked = `Cannot read the status of ${identity.correlationId}`
  const base = trackerUrl() ?? defaultUrl
  if (base === undefined) {
    throw new Error(
      `${asked}: no tracker address. Set VIVIDLY_TRACKER_URL (like http://127.0.0.1:8484) or pass trackerUrl.`,
    )
  }
  const path = `api/v1/monitoring/requests/${identity.requestId}`
  const url = URL.parse(path, base.endsWith('/') ? base : `${base}/`)
  if (url === null) throw new Error(`${asked}: the tracker address ${JSON.stringify(base)} is no URL.`)
  const response = await answer(url, timeoutMs).catch((cause: unknown) => {
    throw new Error(
      `${asked}: no answer from ${url.origin} within ${timeoutMs} ms. Is the tracker running there?`,
      { cause },
    )
  })
  if (response.status === 404)
    throw new Error(`${asked}: the tracker at ${url.origin} has seen no such request (yet).`)
  if (!response.ok)
    throw new Error(`${asked}: ${url.origin} answered ${response.status}: ${response.text.slice(0, 300)}`)
  try {
    return JSON.parse(response.text) as RequestStatus
  } catch (cause) {
    throw new Error(`${asked}: the answer of ${url.origin} is no JSON. Is that the tracker?`, { cause })
  }
}

async function answer(url: URL, timeoutMs: number): Promise<{ status: number; ok: boolean; text: string }> {
  const response = await fetch(url, {
    headers: { accept: 'application/json' },
    signal: AbortSignal.timeout(timeoutMs),
  })
  return { status: response.status, ok: response.ok, text: await response.text() }
}
