import { join } from 'node:path'
import { listen } from '../launch/listen.ts'
import { runService } from '../launch/runService.ts'
import { readSettings } from '../settings.ts'
import { createNanoBananaApp } from './nanoBananaApp.ts'
import { VideoJobs } from './VideoJobs.ts'

await runService(async () => {
  const { speed, errorRate, ports, dataDir } = readSettings()
  const app = createNanoBananaApp({
    speed,
    errorRate,
    random: Math.random,
    faults: { current: { mode: 'none', rate: 1 } },
    jobs: await VideoJobs.open(join(dataDir, 'nano-banana')),
    nowUnixMs: Date.now,
  })
  return listen(app, ports.nanoBanana)
})
