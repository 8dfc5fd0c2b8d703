/** A tracker of its own process for one measurement: `node trackerWorker.ts <database URL> <recording as JSON>`; prints its address. */
import { startTracker } from '@vividly/tracker-api/startTracker'

const [databaseUrl, recording = '{}'] = process.argv.slice(2)
const tracker = await startTracker({
  host: '127.0.0.1',
  port: 0,
  otlpPort: undefined,
  dataDir: '',
  databaseUrl,
  logLevel: 'error',
  recording: JSON.parse(recording) as object,
})
console.log(tracker.url)
process.on('SIGTERM', () => void tracker.stop().then(() => process.exit(0)))
