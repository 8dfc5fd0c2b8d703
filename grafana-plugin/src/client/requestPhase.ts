import type { RequestStatus, TERMINAL_STATUSES } from '@vividly/tracker-api/contract'

export type EndedStatus = (typeof TERMINAL_STATUSES)[number]
export type ActiveStatus = Exclude<RequestStatus, EndedStatus>

// Repeated from the contract, whose import would bring its schemas along; the types keep both equal.
const endedByStatus: Record<EndedStatus, true> = { completed: true, failed: true, cancelled: true }
const activeByStatus: Record<ActiveStatus, true> = {
  pending: true,
  validating: true,
  retrieving: true,
  generating_script: true,
  generating_video: true,
  processing_video: true,
  notifying: true,
}

export const ENDED_STATUSES = Object.keys(endedByStatus) as EndedStatus[]
export const ACTIVE_STATUSES = Object.keys(activeByStatus) as ActiveStatus[]
/** Work has begun and has not ended. */
export const STARTED_STATUSES = ACTIVE_STATUSES.filter((status) => status !== 'pending')

export function isEnded(status: RequestStatus): status is EndedStatus {
  return status in endedByStatus
}
