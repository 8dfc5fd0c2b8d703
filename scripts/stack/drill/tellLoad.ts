import { setTimeout as sleep } from 'node:timers/promises'
import { makeWorkload } from '../../../bench/ingest/makeWorkload.ts'
import type { Body } from '../../../bench/ingest/makeWorkload.ts'

/** Requests that are told together; the workload interleaves them. */
const TOGETHER = 25
/** Larger where speed is measured; smaller where many posts shall be under way when something is killed. */
const BATCH = { fast: 100, paced: 20 } as const
const ANSWER_WITHIN_MS = 12_000

export type Told = {
  /** Trace IDs of the requests of which everything was acknowledged. */
  traceIds: string[]
  items: number
  /** Posts that had to be repeated: answered otherwise than 200, or not at all. */
  repeated: number
  startedAtMs: number
}

export type LoadOptions = {
  url: string
  clients: number
  /** How many requests are told; or until when, then paced. */
  until: { requests: number } | { atMs: number; requestsPerSecond: number }
}

/** Tells whole requests by OTLP, each post again and again until it is acknowledged. A sender that loses nothing itself. */
export async function tellLoad({ url, clients, until }: LoadOptions): Promise<Told> {
  const told: Told = { traceIds: [], items: 0, repeated: 0, startedAtMs: Date.now() }
  let begun = 0
  let lastStartMs = 0

  async function client(): Promise<void> {
    while ('requests' in until ? begun < until.requests : Date.now() < until.atMs) {
      begun += TOGETHER
      if ('atMs' in until) await sleep(told.startedAtMs + (begun / until.requestsPerSecond) * 1000 - Date.now())
      // IDs hold it: no two of a run may have the same.
      lastStartMs = Math.max(Date.now(), lastStartMs + 1)
      for (const body of makeWorkload(TOGETHER, 'atMs' in until ? BATCH.paced : BATCH.fast, 'json', lastStartMs)) {
        await postUntilTaken(body)
        told.items += body.items
        if (body.path === '/v1/traces') told.traceIds.push(...rootsIn(body))
      }
    }
  }

  async function postUntilTaken({ path, type, body }: Body): Promise<void> {
    for (;;) {
      const signal = AbortSignal.timeout(ANSWER_WITHIN_MS)
      const status = await fetch(url + path, { method: 'POST', headers: { 'Content-Type': type }, body, signal }).then(
        async (answer) => (await answer.arrayBuffer(), answer.status),
        () => undefined,
      )
      if (status === 200) return
      told.repeated += 1
      await sleep(100)
    }
  }

  await Promise.all(Array.from({ length: clients }, client))
  return told
}

/** The requests whose root span is in a body. It is the last thing told of them. */
function rootsIn({ body }: Body): string[] {
  const { resourceSpans } = JSON.parse(body.toString()) as {
    resourceSpans: { scopeSpans: { spans: { traceId: string; spanId: string }[] }[] }[]
  }
  const spans = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans))
  return spans.filter(({ traceId, spanId }) => spanId === traceId.slice(16)).map(({ traceId }) => traceId)
}
