import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePorts } from '../../collector/src/freePorts.ts'
import { blocksOnDisk } from './blocksOnDisk.ts'
import type { Peer } from './Peer.ts'
import { startPeerProgram } from './startPeerProgram.ts'

/** As the project's own configuration has it, which answers before it stores, or made to answer only after its disk has it. */
export type JaegerSetting = 'default' | 'consistent'

/** Jaeger v2 with badger, its store on one machine, in a folder of its own. */
export async function startJaeger(program: string, dir: string, setting: JaegerSetting): Promise<Peer> {
  const [otlp = 0, query = 0, queryGrpc = 0, health = 0] = await freePorts(4)
  const data = join(dir, 'badger')
  await mkdir(data, { recursive: true })
  const config = join(dir, 'jaeger.json')
  await writeFile(config, JSON.stringify(toConfig(data, setting, { otlp, query, queryGrpc, health })))
  const jaeger = await startPeerProgram(program, ['--config', config], { GOMAXPROCS: '2' }, `http://127.0.0.1:${health}/status`)
  const api = `http://127.0.0.1:${query}/api/traces`
  const around = () => `start=${(Date.now() - 86_400_000) * 1000}&end=${(Date.now() + 60_000) * 1000}`
  return {
    ingestUrl: `http://127.0.0.1:${otlp}/v1/traces`,
    accepts: 'protobuf',
    pids: () => [jaeger.pid],
    traceUrl: ({ traceId }) => `${api}/${traceId}`,
    searchUrl: (student) => `${api}?service=content-worker&limit=20&${around()}&tags=${encodeURIComponent(JSON.stringify({ 'user.id': student }))}`,
    countSpans: (answer) => (answer as { data: { spans: unknown[] }[] }).data[0]?.spans.length ?? 0,
    bytesOnDisk: async () => {
      // Its files are far larger than what they hold until it closes them.
      await jaeger.stop()
      return blocksOnDisk(data)
    },
    stop: jaeger.stop,
  }
}

type Ports = { otlp: number; query: number; queryGrpc: number; health: number }

function toConfig(data: string, setting: JaegerSetting, ports: Ports): object {
  const on = (port: number) => ({ endpoint: `127.0.0.1:${port}` })
  const consistent = setting === 'consistent'
  return {
    service: {
      extensions: ['jaeger_storage', 'jaeger_query', 'healthcheckv2'],
      pipelines: { traces: { receivers: ['otlp'], processors: consistent ? [] : ['batch'], exporters: ['jaeger_storage_exporter'] } },
      telemetry: { metrics: { level: 'none' }, logs: { level: 'error' } },
    },
    extensions: {
      healthcheckv2: { use_v2: true, http: on(ports.health) },
      jaeger_query: { storage: { traces: 'store' }, http: on(ports.query), grpc: on(ports.queryGrpc) },
      jaeger_storage: {
        backends: {
          store: { badger: { directories: { keys: data, values: data }, ephemeral: false, consistency: consistent, ttl: { spans: '48h' } } },
        },
      },
    },
    receivers: { otlp: { protocols: { http: on(ports.otlp) } } },
    processors: consistent ? {} : { batch: {} },
    exporters: { jaeger_storage_exporter: { trace_storage: 'store', ...(consistent && { queue: { enabled: false } }) } },
  }
}
