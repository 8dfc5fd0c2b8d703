import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuSeconds } from '../ingest/cpuSeconds.ts'
import { postBodies } from '../ingest/postBodies.ts'
import { quantile } from '../measure/quantile.ts'
import { toProtobuf, toSpanBatches, toZipkin } from './makeTraces.ts'
import type { Trace } from './makeTraces.ts'
import type { Peer } from './Peer.ts'

export type PeerFigures = {
  spans: number
  /** Until all posts were answered, which for some is before they are stored. */
  spansPerSecond: number
  /** Of CPU, until it does nothing more for them. */
  usPerSpan: number
  residentMegabytes: number
  bytesPerSpan: number | undefined
  trace: Latency
  search: Latency
}
export type Latency = { p50Ms: number; p99Ms: number }

const SPANS_A_POST = 500
const CLIENTS = 8
/** Of each kind, at most, and for so long at most. */
const READS = 200
const READING_MS = 10_000
const SETTLED_WITHIN_MS = 60_000

/**
 * Gives a peer these traces, after others to warm up with, then reads some of them. Throws where a span of those it
 * reads is missing: what was not stored is not compared.
 */
export async function measurePeer(peer: Peer, warmUp: readonly Trace[], traces: readonly Trace[]): Promise<PeerFigures> {
  const encode = peer.accepts === 'zipkin' ? toZipkin : toProtobuf
  const toBodies = (all: readonly Trace[]) =>
    toSpanBatches(all, SPANS_A_POST).map((spans) => ({
      path: new URL(peer.ingestUrl).pathname as '/v1/traces',
      type: peer.accepts === 'zipkin' ? 'application/json' : 'application/x-protobuf',
      items: spans.length,
      body: encode(spans),
    }))
  const { origin } = new URL(peer.ingestUrl)
  const cpu = async () => (await Promise.all(peer.pids().map(cpuSeconds))).reduce((sum, seconds) => sum + seconds, 0)
  await postBodies(origin, toBodies(warmUp), CLIENTS)
  await settle(cpu)
  const bodies = toBodies(traces)
  const before = await cpu()
  const startedMs = performance.now()
  await postBodies(origin, bodies, CLIENTS)
  const seconds = (performance.now() - startedMs) / 1000
  await settle(cpu)
  const spans = bodies.reduce((sum, { items }) => sum + items, 0)
  const usPerSpan = (((await cpu()) - before) / spans) * 1e6

  const some = Array.from({ length: READS }, (_, i) => traces[Math.floor(((i + 0.5) * traces.length) / READS)]).filter((one) => one !== undefined)
  const trace = await timeReads(some.map((one) => ({ url: peer.traceUrl(one), isGood: (answer) => peer.countSpans(answer) === one.spans.length })))
  const search = await timeReads(some.map(({ student }) => ({ url: peer.searchUrl(student), isGood: () => true })))
  const residentMegabytes = (await Promise.all(peer.pids().map(residentBytes))).reduce((sum, bytes) => sum + bytes, 0) / 1e6
  const bytes = await peer.bytesOnDisk()
  const stored = spans + warmUp.reduce((sum, one) => sum + one.spans.length, 0)
  const bytesPerSpan = bytes === undefined ? undefined : bytes / stored
  return { spans, spansPerSecond: spans / seconds, usPerSpan, residentMegabytes, bytesPerSpan, trace, search }
}

/** Until it takes less than a twentieth of a core, as it does with nothing to do. */
async function settle(cpu: () => Promise<number>): Promise<void> {
  const giveUpAt = performance.now() + SETTLED_WITHIN_MS
  for (let before = await cpu(); performance.now() < giveUpAt; ) {
    await sleep(1_000)
    const now = await cpu()
    if (now - before < 0.05) return
    before = now
  }
}

async function timeReads(reads: { url: string; isGood: (answer: unknown) => boolean }[]): Promise<Latency> {
  const timesMs: number[] = []
  const endMs = performance.now() + READING_MS
  for (const { url, isGood } of reads) {
    const startedMs = performance.now()
    if (startedMs > endMs) break
    const answer = await fetch(url)
    const text = await answer.text()
    timesMs.push(performance.now() - startedMs)
    if (answer.status !== 200 || !isGood(JSON.parse(text))) throw new Error(`${url} was answered ${answer.status}: ${text.slice(0, 300)}`)
  }
  return { p50Ms: quantile(timesMs, 0.5), p99Ms: quantile(timesMs, 0.99) }
}

/** Of one process and its children, shared memory counted once a process tree: PSS, not RSS. */
async function residentBytes(pid: number): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  const own = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
  const kilobytes = Number(/^Pss:\s+(\d+) kB/m.exec(own)?.[1] ?? 0)
  const below = await Promise.all(children.trim().split(' ').filter(Boolean).map((child) => residentBytes(Number(child))))
  return below.reduce((sum, bytes) => sum + bytes, kilobytes * 1024)
}
