import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

import { followTogether } from '../src/client/followTogether.ts'
import { createLiveClient } from '../src/client/liveClient.ts'
import { createMonitoringApi } from '../src/client/monitoringApi.ts'
import { App } from './App.tsx'
import { CrashNotice } from './CrashNotice.tsx'
import { applyTheme, readTheme } from './theme.ts'
import { wakeOnReturn } from './wakeOnReturn.ts'
import './theme.css'

applyTheme(readTheme())
const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone
const api = createMonitoringApi('')
const client = createLiveClient({ api, timezone, follow: (options) => followTogether(options, `vividly-stream ${timezone}`) })
client.start()
wakeOnReturn(client.wake)

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no element #root to draw the page in')
createRoot(root).render(
  <StrictMode>
    <CrashNotice>
      <App api={api} client={client} timezone={timezone} />
    </CrashNotice>
  </StrictMode>,
)
