/** `npm run pager`: shows at `/` what Alertmanager sends, until it is told to stop. */
import process from 'node:process'
import { Command } from 'commander'
import { startPager } from './startPager.ts'

const { host, port } = new Command('pager')
  .description('Stands in for the pager, tickets and chat: shows what Alertmanager would have sent there.')
  .option('--host <address>', 'where to listen', '127.0.0.1')
  .option('--port <port>', 'where to listen', Number, 8490)
  .parse()
  .opts<{ host: string; port: number }>()

const pager = await startPager({
  host,
  port,
  onNotice: ({ channel, status, alert, annotations }) => {
    if (channel !== 'watchdog') console.log(`${channel}: ${alert} ${status}. ${annotations['summary'] ?? ''}`)
  },
})
console.log(`What on-call is told: ${pager.url}`)
const stop = () => void pager.stop()
process.on('SIGINT', stop).on('SIGTERM', stop)
