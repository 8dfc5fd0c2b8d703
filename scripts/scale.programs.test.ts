import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runDrill } from './stack/drill/runDrill.ts'
import { tellWhileTrackersAreAway } from './stack/drill/tellWhileTrackersAreAway.ts'
import { PARTS, startScaledStack } from './stack/startScaledStack.ts'
import type { ScaledStack } from './stack/startScaledStack.ts'

const stops: (() => Promise<unknown>)[] = []
const say = (line: string) => console.log(line)
let stack: ScaledStack
beforeAll(async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'vividly-scale-'))
  stops.push(() => rm(dataDir, { recursive: true, force: true }))
  stack = await startScaledStack(3, { dataDir, stops: { add: (stop) => stops.push(stop) }, intervalSeconds: 2, say })
}, 1_800_000)
afterAll(async () => {
  for (const stop of stops.toReversed()) await stop()
}, 60_000)

test('each kind of part killed under load: nothing acknowledged is missing, open pages show what a fresh read gives', async () => {
  const result = await runDrill(stack, { kill: PARTS, seconds: 4, requestsPerSecond: 20, requests: 200, say })
  expect(result).toMatchObject({ missing: 0, unfinished: 0, misheard: [0, 0, 0] })
  // What the line above is worth.
  expect(result.requests).toBeGreaterThan(800)
  expect(Math.min(...result.shown)).toBeGreaterThan(200)
  expect(result.perSecond.scaled).toBeGreaterThan(0)
}, 300_000)

test('Collectors on both sides of Kafka killed while all trackers are away: nothing acknowledged is missing', async () => {
  const result = await tellWhileTrackersAreAway(stack, 200)
  expect(result.acknowledged).toBe(200 * 27)
  expect(result).toMatchObject({ missing: 0, unfinished: 0 })
}, 180_000)

test('Prometheus sees all of it, and what the rule KafkaLagging looks at', async () => {
  // Trackers, Collectors before and behind Kafka, the span metrics of those before, the canary.
  await expect.poll(() => stack.prometheus.query('count(up == 1)'), { timeout: 20_000 }).toMatchObject([{ value: 3 + 3 + 3 + 3 + 1 }])
  for (const metric of ['offset_lag', 'current_offset']) {
    const series = await stack.prometheus.query(`otelcol_kafka_receiver_${metric}{topic="vividly_logs"}`)
    expect(series.length).toBeGreaterThan(0)
  }
}, 30_000)
