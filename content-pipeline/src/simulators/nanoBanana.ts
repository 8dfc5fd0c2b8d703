import { listen } from '../launch/listen.ts'
import { runService } from '../launch/runService.ts'
import { readSettings } from '../settings.ts'
import { createNanoBananaApp } from './nanoBananaApp.ts'

await runService(() => {
  const { speed, errorRate, ports } = readSettings()
  const app = createNanoBananaApp({
    speed,
    errorRate,
    random: Math.random,
    faults: { current: { mode: 'none', rate: 1 } },
    nowMs: () => performance.now(),
  })
  return listen(app, ports.nanoBanana)
})
