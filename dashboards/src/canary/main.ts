/** `npm run canary`: a synthetic request a minute, by the way that services and people take, until it is told to stop. */
import { readFile } from 'node:fs/promises'
import process from 'node:process'
import { Command } from 'commander'
import { startCanary } from './startCanary.ts'

type Options = { host: string; port: number; otlp: string; tracker: string; tokenFile?: string; every: number }
const { host, port, otlp, tracker, tokenFile, every } = new Command('canary')
  .description('Sends a request by OTLP, waits to hear of it on the live stream, reads it, and tells Prometheus how that went.')
  .option('--otlp <url>', 'where services send: the Collector, or the tracker', 'http://127.0.0.1:4318')
  .option('--tracker <url>', 'where people look', 'http://127.0.0.1:8484')
  .option('--token-file <file>', 'where tokens are in force: one that may write and read')
  .option('--every <seconds>', 'between two requests', Number, 60)
  .option('--host <address>', 'where /metrics is', '127.0.0.1')
  .option('--port <port>', 'where /metrics is', Number, 8491)
  .parse()
  .opts<Options>()

const canary = await startCanary({
  target: async () => ({
    otlpUrl: otlp,
    trackerUrl: tracker,
    authorization: tokenFile === undefined ? undefined : `Bearer ${(await readFile(tokenFile, 'utf8')).trim()}`,
  }),
  everyMs: every * 1000,
  onLost: (error) => console.error(error),
  host,
  port,
})
console.log(`Metrics of the canary: ${canary.metricsUrl}`)
const stop = () => void canary.stop().then(() => process.exit(0))
process.on('SIGINT', stop).on('SIGTERM', stop)
