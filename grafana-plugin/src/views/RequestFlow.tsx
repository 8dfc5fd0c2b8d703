import { useCallback, useContext } from 'react'

import type { LiveClient, LiveState } from '../client/liveClient.ts'
import type { MonitoringApi } from '../client/monitoringApi.ts'
import { BreakerBadges } from './BreakerBadges.tsx'
import { NavigationContext } from './PlaceLink.tsx'
import { RequestList } from './RequestList.tsx'
import { River } from './River.tsx'
import { StatCards } from './StatCards.tsx'
import { useFound } from './useFound.ts'
import { usePolled } from './usePolled.ts'

export const FLOW_SECTIONS = ['cards', 'breakers', 'river', 'list'] as const
export type FlowSection = (typeof FLOW_SECTIONS)[number]

/** The last hour is set beside the same one yesterday. */
const HISTORY_MS = 50 * 3_600_000
const HISTORY_INTERVAL_MS = 60_000

type Props = { api: MonitoringApi; client: LiveClient; live: LiveState; sections?: readonly FlowSection[] }

/** Is anything wrong, where, and who is touched: four numbers, the providers, the way, the requests. */
export function RequestFlow({ api, client, live, sections = FLOW_SECTIONS }: Props) {
  const { place } = useContext(NavigationContext)
  const isLive = live.connection.kind === 'live'
  const found = useFound(client, place.filter, isLive)
  const askHistory = useCallback(
    (signal: AbortSignal) => api.getMetrics(new Date(Date.now() - HISTORY_MS).toISOString(), signal),
    [api],
  )
  const history = usePolled(askHistory, HISTORY_INTERVAL_MS, isLive && sections.includes('cards'))
  return (
    <>
      {sections.includes('cards') && <StatCards stats={live.data.stats} buckets={history.answer?.buckets} />}
      {sections.includes('breakers') && <BreakerBadges api={api} data={live.data} />}
      {sections.includes('river') && <River data={live.data} />}
      {sections.includes('list') && <RequestList live={live} found={found} onRetry={client.wake} />}
    </>
  )
}
