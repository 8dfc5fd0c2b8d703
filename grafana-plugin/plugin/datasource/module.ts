import '../speakGrafanasLanguage.ts'
import { DataSourcePlugin } from '@grafana/data'

import { ConfigEditor } from './ConfigEditor.tsx'
import { QueryEditor } from './QueryEditor.tsx'
import { TrackerDataSource } from './TrackerDataSource.ts'
import type { TrackerOptions, TrackerQuery, TrackerSecrets } from './trackerQuery.ts'

export const plugin = new DataSourcePlugin<TrackerDataSource, TrackerQuery, TrackerOptions, TrackerSecrets>(TrackerDataSource)
  .setConfigEditor(ConfigEditor)
  .setQueryEditor(QueryEditor)
