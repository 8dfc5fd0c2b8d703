import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

import { followTogether } from '../src/client/followTogether.ts'
import { createLiveClient } from '../src/client/liveClient.ts'
import type { LiveClient } from '../src/client/liveClient.ts'
import { createMonitoringApi } from '../src/client/monitoringApi.ts'
import { currentTimeZone, setLanguage, setTimeZone } from '../src/text/locale.ts'
import type { Language } from '../src/text/locale.ts'
import { App } from './App.tsx'
import { CrashNotice } from './CrashNotice.tsx'
import { keepLanguage, keepTimezone, loadCatalogue, readLanguage, readTimezone } from './readersChoices.ts'
import { applyTheme, readTheme } from './theme.ts'
import { wakeOnReturn } from './wakeOnReturn.ts'
import './theme.css'

const element = document.getElementById('root')
if (!element) throw new Error('index.html has no element #root to draw the page in')
const root = createRoot(element)
const api = createMonitoringApi('')
let client: LiveClient | undefined

/** Language and zone hold for everything that is drawn, so each change of one draws all anew, from a stream of its own. */
async function show(language: Language, zone: string | undefined): Promise<void> {
  setLanguage(language, await loadCatalogue(language))
  setTimeZone(zone)
  document.documentElement.lang = language
  const timezone = currentTimeZone()
  client?.stop()
  const next = createLiveClient({ api, timezone, follow: (options) => followTogether(options, `vividly-stream ${timezone}`) })
  client = next
  next.start()
  root.render(
    <StrictMode>
      <CrashNotice>
        <App
          key={`${language} ${timezone}`}
          api={api}
          client={next}
          timezone={timezone}
          onTimezone={(chosen) => {
            keepTimezone(chosen)
            void show(language, chosen)
          }}
          onLanguage={(chosen) => {
            keepLanguage(chosen)
            void show(chosen, zone)
          }}
        />
      </CrashNotice>
    </StrictMode>,
  )
}

applyTheme(readTheme())
wakeOnReturn(() => client?.wake())
void show(readLanguage(), readTimezone())
