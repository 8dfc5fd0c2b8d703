import './speakGrafanasLanguage.ts'
import { AppPlugin, PluginExtensionPoints } from '@grafana/data'

import { t } from '../src/text/t.ts'
import { LivePage } from './app/LivePage.tsx'
import { APP_ID } from './datasource/appHref.ts'

export const plugin = new AppPlugin().setRootPage(LivePage).addLink({
  title: t('Requests in flight'),
  description: t('All Vividly requests, live'),
  targets: [PluginExtensionPoints.CommandPalette],
  path: `/a/${APP_ID}`,
})
