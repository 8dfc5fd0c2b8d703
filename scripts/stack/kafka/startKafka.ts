import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePorts } from '@vividly/collector/freePorts'
import { startProgram } from '@vividly/collector/startProgram'
import { restartable } from '../restartable.ts'
import type { Restartable } from '../restartable.ts'
import { getKafka } from './getKafka.ts'

const run = promisify(execFile)
/** Any will do: it only keeps clusters apart that share a network. */
const CLUSTER_ID = 'dml2aWRseS1rYWZrYS0wMQ'

export type KafkaOptions = {
  /** Of its log; made anew where there is none. */
  folder: string
  /** Of each topic: so many Collectors can read, and so many messages are under way to the trackers. */
  partitions: number
}

/** One real broker on loopback, its own controller (KRaft). What it acknowledged survives `kill -9`, not a power cut. */
export async function startKafka({ folder, partitions }: KafkaOptions): Promise<Restartable & { brokers: string }> {
  const classPath = await getKafka()
  const [port = 0, controllerPort = 0] = await freePorts(2)
  const file = join(folder, 'server.properties')
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'log.dirs': join(folder, 'log'),
    'num.partitions': partitions,
    'offsets.topic.num.partitions': 1,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
  }
  await mkdir(folder, { recursive: true })
  await writeFile(file, Object.entries(settings).map(([name, value]) => `${name}=${value}\n`).join(''))
  const java = (memory: string, ...rest: string[]) => [`-Xmx${memory}`, '-Dorg.slf4j.simpleLogger.defaultLogLevel=info', '-cp', classPath, ...rest]
  await run('java', java('128m', 'kafka.tools.StorageTool', 'format', '--ignore-formatted', '-t', CLUSTER_ID, '-c', file))
  const start = () => startProgram({ program: 'java', args: java('512m', 'kafka.Kafka', file), ready: /Kafka Server started/ })
  return { ...(await restartable(start)), brokers: `127.0.0.1:${port}` }
}
