import type { MetricFindValue } from '@grafana/data'

import type { MonitoringApi } from '../../src/client/monitoringApi.ts'
import { STATUS_FILTERS } from '../../src/views/filter.ts'
import { DEFAULT_STAGE_NAMES } from '../../src/views/stages.ts'

export const VALUE_LISTS = ['stages', 'breakers', 'organizations', 'statuses'] as const
export type ValueList = (typeof VALUE_LISTS)[number]

const DEADLINE_MS = 10_000

/**
 * What a dashboard variable offers.
 * @param query one of {@link VALUE_LISTS}, alone or as `{ query }`; anything else is answered with the stages
 */
export async function listValues(api: MonitoringApi, query: unknown): Promise<MetricFindValue[]> {
  const asked = typeof query === 'object' && query !== null && 'query' in query ? query.query : query
  const texts = await read(api, VALUE_LISTS.find((list) => list === asked) ?? 'stages', AbortSignal.timeout(DEADLINE_MS))
  return texts.map((text) => ({ text }))
}

async function read(api: MonitoringApi, list: ValueList, signal: AbortSignal): Promise<readonly string[]> {
  if (list === 'stages') return DEFAULT_STAGE_NAMES
  if (list === 'statuses') return STATUS_FILTERS
  if (list === 'breakers') return (await api.getBreakers(signal)).items.map(({ name }) => name).sort()
  return (await api.getOrganizations(signal)).items.map(({ organization_id: name }) => name)
}
