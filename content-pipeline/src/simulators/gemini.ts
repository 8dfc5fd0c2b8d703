import { listen } from '../launch/listen.ts'
import { runService } from '../launch/runService.ts'
import { readSettings } from '../settings.ts'
import { createGeminiApp } from './geminiApp.ts'

await runService(() => {
  const { speed, errorRate, ports } = readSettings()
  const app = createGeminiApp({ speed, errorRate, random: Math.random, faults: { current: { mode: 'none', rate: 1 } } })
  return listen(app, ports.gemini)
})
