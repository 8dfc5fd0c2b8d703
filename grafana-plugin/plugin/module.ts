import { AppPlugin, PluginExtensionPoints } from '@grafana/data'

import { LivePage } from './app/LivePage.tsx'
import { APP_ID } from './datasource/appHref.ts'

export const plugin = new AppPlugin().setRootPage(LivePage).addLink({
  title: 'Requests in flight',
  description: 'All Vividly requests, live',
  targets: [PluginExtensionPoints.CommandPalette],
  path: `/a/${APP_ID}`,
})
