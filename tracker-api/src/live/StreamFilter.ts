import type { RequestStatus } from '../contract.ts'
import type { InflightQuery, RequestChange } from './FeedReads.ts'

/** What a listener wants to hear of; undefined is everything. */
export type StreamFilter = { organization: string | undefined; statuses: readonly RequestStatus[] | undefined }

/**
 * `show` a request, `hide` it, for it may have matched before, or say nothing of it: that a request of another
 * organization exists is nobody's business.
 */
export function judge(
  { organization, statuses }: StreamFilter,
  { row, organizations }: Pick<RequestChange, 'row' | 'organizations'>,
): 'show' | 'hide' | 'ignore' {
  if (organization !== undefined && row?.organization_id !== organization) {
    return organizations.includes(organization) ? 'hide' : 'ignore'
  }
  return row !== null && (statuses === undefined || statuses.includes(row.status)) ? 'show' : 'hide'
}

export function toInflightQuery({ organization, statuses }: StreamFilter): InflightQuery {
  const sorted = statuses && [...new Set(statuses)].sort()
  return {
    key: JSON.stringify([organization ?? null, sorted ?? null]),
    organization: organization ?? null,
    statuses: sorted ?? null,
  }
}
