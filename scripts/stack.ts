/** `npm run stack`: what docker-compose.yml starts, from real programs on this machine, until Ctrl-C. */
import { resolve } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { runDrill } from './stack/drill/runDrill.ts'
import { startExample } from './start/startExample.ts'
import { stopInOrder } from './start/stopInOrder.ts'
import { PARTS, startScaledStack } from './stack/startScaledStack.ts'
import type { Part } from './stack/startScaledStack.ts'
import { startStack } from './stack/startStack.ts'
import { toTable } from './stack/toTable.ts'

const positive = (text: string): number => {
  if (Number(text) > 0) return Number(text)
  throw new InvalidArgumentError('It must be a number above 0.')
}
const toParts = (text: string): Part[] => {
  const parts = text.split(',').map((name) => PARTS.find((part) => part === name))
  if (parts.every((part) => part !== undefined)) return parts
  throw new InvalidArgumentError(`Any of ${PARTS.join(', ')}, with commas between.`)
}

const { speed, example, dataDir, scale, kill, seconds } = new Command('npm run stack --')
  .description(
    'Postgres, tracker, Collector, Prometheus, Alertmanager, a pager you can see, and the example: what docker-compose.yml\n' +
      'starts, from real programs on this machine. What is missing is got once, into .cache/ (the Collector takes minutes\n' +
      'and needs Go; Kafka needs Maven and Java). A part whose usual port is taken gets another; the table says which.',
  )
  .option('--speed <times>', 'of the example; 1 takes the real three minutes a request', '6')
  .option('--no-example', 'send requests of your own')
  .option('--data-dir <folder>', 'of Postgres and the queues', '.data/stack')
  .option('--scale <count>', 'so many trackers and Collectors behind balancers, with Kafka between', positive)
  .option('--kill <parts>', `with --scale: load, and these killed with -9 under it, one after another (${PARTS.join(', ')}); then what is missing, and the end`, toParts)
  .option('--seconds <seconds>', 'with --kill: how long each is away', positive, 10)
  .parse()
  .opts<{ speed: string; example: boolean; dataDir: string; scale?: number; kill?: Part[]; seconds: number }>()

const stops = stopInOrder()
const say = (line: string) => console.log(line.trimEnd())
try {
  if (kill !== undefined && scale === undefined) throw new Error('--kill goes with --scale')
  say('Starting …')
  const options = { dataDir: resolve(dataDir), stops, say }
  const scaled = scale === undefined ? undefined : await startScaledStack(scale, options)
  const stack = scaled ?? (await startStack(options))
  if (example) {
    const running = startExample(['--speed', speed], {
      DATABASE_URL: stack.databaseUrl,
      OTEL_EXPORTER_OTLP_ENDPOINT: stack.otlpUrl,
      OTEL_RESOURCE_ATTRIBUTES: 'service.version=0.1.0',
      LOG_LEVEL: kill === undefined ? 'warn' : 'error',
    })
    stops.add(running.stop)
  }
  say(`\n${toTable(stack.addresses)}\n`)
  if (scaled === undefined || kill === undefined) say('Ctrl-C ends all of it.\n')
  else {
    const result = await runDrill(scaled, { kill, seconds, requestsPerSecond: 20, requests: 1000, say })
    console.dir(result, { depth: null })
    const isGood = result.missing + result.unfinished + Math.max(...result.misheard) === 0 && Math.min(...result.shown) > 0
    say(isGood ? 'as it should be' : 'NOT as it should be')
    await stops.run(isGood ? 0 : 1)
  }
} catch (error) {
  console.error(error)
  await stops.run(1)
}
