import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runDrill } from './stack/drill/runDrill.ts'
import { PARTS, startScaledStack } from './stack/startScaledStack.ts'

const stops: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const stop of stops.toReversed()) await stop()
}, 60_000)

test('with Kafka between, and each kind of part killed under load, nothing acknowledged is missing', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'vividly-scale-'))
  stops.push(() => rm(dataDir, { recursive: true, force: true }))
  const say = (line: string) => console.log(line)
  const stack = await startScaledStack(3, { dataDir, stops: { add: (stop) => stops.push(stop) }, say })
  const result = await runDrill(stack, { kill: PARTS, seconds: 4, requestsPerSecond: 20, requests: 200, say })
  expect(result).toMatchObject({ missing: 0, unfinished: 0, misheard: [0, 0, 0] })
  // What the lines above are worth.
  expect(result.requests).toBeGreaterThan(800)
  expect(Math.min(...result.shown)).toBeGreaterThan(200)
  expect(result.perSecond.scaled).toBeGreaterThan(0)
  // What the rule KafkaLagging looks at.
  for (const metric of ['offset_lag', 'current_offset']) {
    const series = await stack.prometheus.query(`otelcol_kafka_receiver_${metric}{topic="vividly_logs"}`)
    expect(series.length).toBeGreaterThan(0)
  }
  expect(await stack.prometheus.query('count(up == 1)')).toMatchObject([{ value: 3 + 3 + 3 + 3 + 1 }])
}, 1_800_000)
