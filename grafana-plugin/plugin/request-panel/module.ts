import '../speakGrafanasLanguage.ts'
import { PanelPlugin } from '@grafana/data'

import { t } from '../../src/text/t.ts'
import { DEFAULT_REQUEST_OPTIONS, readRequestOptions } from './requestOptions.ts'
import type { RequestOptions } from './requestOptions.ts'
import { RequestPanel } from './RequestPanel.tsx'

export const plugin = new PanelPlugin<RequestOptions>(RequestPanel)
  .setNoPadding()
  .setMigrationHandler((panel) => readRequestOptions(panel.options))
  .setPanelOptions((builder) =>
    builder.addTextInput({
      path: 'requestId',
      name: t('Request'),
      description: t('An ID in any spelling, or a variable such as $request'),
      defaultValue: DEFAULT_REQUEST_OPTIONS.requestId,
    }),
  )
