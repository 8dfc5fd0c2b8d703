/** `npm run stack`: what docker-compose.yml starts, from real programs on this machine, until Ctrl-C. */
import { resolve } from 'node:path'
import { Command } from 'commander'
import { startExample } from './start/startExample.ts'
import { stopInOrder } from './start/stopInOrder.ts'
import { startStack } from './stack/startStack.ts'
import { toTable } from './stack/toTable.ts'

const { speed, example, dataDir } = new Command('npm run stack --')
  .description(
    'Postgres, tracker, Collector, Prometheus, Alertmanager, a pager you can see, and the example: what docker-compose.yml\n' +
      'starts, from real programs on this machine. What is missing is got once, into .cache/ (the Collector takes minutes\n' +
      'and needs Go). A part whose usual port is taken gets another; the table says which.',
  )
  .option('--speed <times>', 'of the example; 1 takes the real three minutes a request', '6')
  .option('--no-example', 'send requests of your own')
  .option('--data-dir <folder>', 'of Postgres and the Collector’s queue', '.data/stack')
  .parse()
  .opts<{ speed: string; example: boolean; dataDir: string }>()

const stops = stopInOrder()
try {
  console.log('Starting …')
  const stack = await startStack({ dataDir: resolve(dataDir), stops, say: (line) => console.log(line.trimEnd()) })
  if (example) {
    const running = startExample(['--speed', speed], {
      DATABASE_URL: stack.databaseUrl,
      OTEL_EXPORTER_OTLP_ENDPOINT: stack.otlpUrl,
      LOG_LEVEL: 'warn',
    })
    stops.add(running.stop)
  }
  console.log(`\n${toTable(stack.addresses)}\n\nCtrl-C ends all of it.\n`)
} catch (error) {
  console.error(error)
  await stops.run(1)
}
