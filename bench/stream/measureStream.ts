import { setTimeout as sleep } from 'node:timers/promises'
import { API_BASE } from '@vividly/tracker-api/contract'
import { startTrackerProcess } from '@vividly/tracker-api/testing/trackerProcess'
import { cpuSeconds } from '../ingest/cpuSeconds.ts'
import { peakMegabytes } from '../measure/peakMegabytes.ts'
import { quantile } from '../measure/quantile.ts'
import { changeAtRate } from './changeAtRate.ts'
import { openListeners } from './openListeners.ts'

export type Streamed = {
  /** From sending a post to the message at one of the readers, and of that from the post's answer on. */
  p50Ms: number
  p99Ms: number
  afterCommitP99Ms: number
  /** Changes that never arrived. */
  missing: number
  messages: number
  /** Of a message as it travels. */
  bytes: number
  /** Of the tracker's process, in all. */
  cpuSeconds: number
  /** Of the tracker's memory, at its peak. */
  megabytes: number
}

/** Readers of the stream of a tracker of its own, while requests are told at an even rate, a post each. */
export async function measureStream(databaseUrl: string, listeners: number, perSecond: number, seconds: number): Promise<Streamed> {
  const tracker = await startTrackerProcess(databaseUrl)
  try {
    const readers = await openListeners(new URL(`${tracker.url}${API_BASE}/stream`), listeners)
    await changeAtRate(tracker.url, perSecond, Math.min(3, seconds))
    await sleep(1_000)
    await readers.hear()
    const before = await cpuSeconds(tracker.pid())
    const sent = await changeAtRate(tracker.url, perSecond, seconds)
    await sleep(2_000)
    const spent = (await cpuSeconds(tracker.pid())) - before
    const heard = await readers.hear()
    await readers.close()
    const arrivedMs = new Map(heard.arrivals.toReversed())
    const arrived = sent.flatMap(({ id, atMs, answeredMs }) => {
      const at = arrivedMs.get(id)
      return at === undefined ? [] : [{ delayMs: at - atMs, afterMs: at - answeredMs }]
    })
    return {
      p50Ms: quantile(arrived.map(({ delayMs }) => delayMs), 0.5),
      p99Ms: quantile(arrived.map(({ delayMs }) => delayMs), 0.99),
      afterCommitP99Ms: quantile(arrived.map(({ afterMs }) => afterMs), 0.99),
      missing: sent.length - arrived.length,
      messages: heard.messages,
      bytes: heard.bytes / heard.messages,
      cpuSeconds: spent,
      megabytes: await peakMegabytes(tracker.pid()),
    }
  } finally {
    await tracker.stop()
  }
}
