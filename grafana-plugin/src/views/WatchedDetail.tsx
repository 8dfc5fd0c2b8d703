import { useState, useSyncExternalStore } from 'react'

import type { LiveClient } from '../client/liveClient.ts'
import type { MonitoringApi } from '../client/monitoringApi.ts'
import { watchRequest } from '../client/requestWatcher.ts'
import { openBreakers } from './openBreakers.ts'
import { RequestDetail } from './RequestDetail.tsx'

type Props = {
  api: MonitoringApi
  client: LiveClient
  /** In any of its three spellings; another one needs another `key`. */
  id: string
  /** Absent: it stands by itself and has no list to go back to. */
  onClose?: () => void
}

/** One request's detail, which follows what the stream says of it. */
export function WatchedDetail({ api, client, id, onClose }: Props) {
  const [watcher] = useState(() => watchRequest(api, client, id))
  const watched = useSyncExternalStore(watcher.subscribe, watcher.getState)
  const { breakers } = useSyncExternalStore(client.subscribe, client.getState).data
  return <RequestDetail id={id} watched={watched} openBreakers={openBreakers(breakers)} onRetry={watcher.refresh} {...(onClose && { onClose })} />
}
