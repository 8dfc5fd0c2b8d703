import { Drawer } from '@grafana/ui'

import { NO_FILTER } from '../../src/views/filter.ts'
import { WatchedDetail } from '../../src/views/WatchedDetail.tsx'
import { TrackerRoot } from './TrackerRoot.tsx'
import type { Tracker } from './useTracker.ts'

/** One request over the dashboard, as Grafana opens such things. */
export function DetailDrawer({ tracker, requestId, onClose }: { tracker: Tracker; requestId: string; onClose: () => void }) {
  return (
    <Drawer size="md" onClose={onClose} scrollableContent={false}>
      <TrackerRoot tracker={tracker} place={{ filter: NO_FILTER, requestId }} go={({ requestId: next }) => next ?? onClose()} withHeadline={false}>
        {() => <WatchedDetail key={requestId} api={tracker.source.api} client={tracker.client} id={requestId} onClose={onClose} />}
      </TrackerRoot>
    </Drawer>
  )
}
