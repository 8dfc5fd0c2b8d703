import type { DataSourceRef, ScopedVars } from '@grafana/data'
import { getDataSourceSrv } from '@grafana/runtime'
import { useEffect, useState } from 'react'

import { msg, t } from '../../src/text/t.ts'
import type { LiveClient } from '../../src/client/liveClient.ts'
import { DATASOURCE_ID } from '../datasource/appHref.ts'
import type { TrackerDataSource } from '../datasource/TrackerDataSource.ts'

export type Tracker = { source: TrackerDataSource; client: LiveClient }
/** Neither, for a moment: Grafana is asked for it. */
export type TrackerFound = { tracker?: Tracker; problem?: string }

const UNCHOSEN: TrackerFound = { problem: msg('Choose a Vividly request tracker as the data source of this panel.') }

/**
 * The data source that is named, and its live client, held while the component is there. The instance comes from
 * Grafana, so that all panels share its one stream although each plugin's code is loaded apart.
 */
export function useTracker(ref: DataSourceRef | null | undefined, scopedVars?: ScopedVars): TrackerFound {
  const [found, setFound] = useState<TrackerFound>({})
  // A dashboard makes new objects of the same reference at each refresh.
  const uid = ref?.uid
  const [vars] = useState(scopedVars)
  useEffect(() => {
    if (uid === undefined) return undefined
    let release: (() => void) | undefined
    let isGone = false
    const find = async (): Promise<void> => {
      const next = await getTracker(uid, vars)
      if (isGone) return
      if (!('source' in next)) return setFound(next)
      const held = next.source.shared.hold()
      release = held.release
      setFound({ tracker: { source: next.source, client: held.client } })
    }
    void find()
    return () => {
      isGone = true
      release?.()
    }
  }, [uid, vars])
  return uid === undefined ? UNCHOSEN : found
}

async function getTracker(uid: string, vars: ScopedVars | undefined): Promise<{ source: TrackerDataSource } | { problem: string }> {
  try {
    const instance = await getDataSourceSrv().get({ uid }, vars)
    if (isTracker(instance)) return { source: instance }
    return { problem: t('The data source “{name}” is no Vividly request tracker: choose one for this panel.', { name: instance.name }) }
  } catch (error) {
    return { problem: t('The data source is not there: {error}', { error: error instanceof Error ? error.message : String(error) }) }
  }
}

/** By its type: the class in the data source's own module is another one than any that could be imported here. */
function isTracker(instance: { type?: string }): instance is TrackerDataSource {
  return instance.type === DATASOURCE_ID
}
