import type { PanelProps } from '@grafana/data'

import { t } from '../../src/text/t.ts'
import { NO_FILTER } from '../../src/views/filter.ts'
import { WatchedDetail } from '../../src/views/WatchedDetail.tsx'
import { takeZone } from '../panel/takeZone.ts'
import { PanelNotice } from '../panel/PanelNotice.tsx'
import { TrackerRoot } from '../panel/TrackerRoot.tsx'
import { useTracker } from '../panel/useTracker.ts'
import { readRequestOptions } from './requestOptions.ts'
import type { RequestOptions } from './requestOptions.ts'

const STAY = () => undefined

/** One request, named by an ID or a variable, as it goes on. */
export function RequestPanel({ data, options, replaceVariables, timeZone }: PanelProps<RequestOptions>) {
  takeZone(timeZone)
  const { requestId: template } = readRequestOptions(options)
  const requestId = replaceVariables(template).trim()
  const { tracker, problem } = useTracker(data.request?.targets[0]?.datasource, data.request?.scopedVars)
  if (problem !== undefined) return <PanelNotice text={problem} />
  if (requestId === '' || requestId === template && template.startsWith('$')) {
    return <PanelNotice text={t('No request is chosen: {variable} is empty. Click one in a flow panel, or enter an ID above.', { variable: template })} />
  }
  if (!tracker) return null
  return (
    <TrackerRoot tracker={tracker} place={{ filter: NO_FILTER, requestId }} go={STAY} withHeadline={false}>
      {() => <WatchedDetail key={requestId} api={tracker.source.api} client={tracker.client} id={requestId} />}
    </TrackerRoot>
  )
}
