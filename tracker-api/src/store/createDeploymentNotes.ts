import type { ServiceVersion } from '../signal.ts'
import type { Pool } from './Pool.ts'
import { read } from './read.ts'

/** A version that goes on sending is written again after this long, as the last time that it was heard. */
const AGAIN_MS = 3_600_000
const WRITE_DELAY_MS = 1_000
/** Known and waiting ones; what is beyond is dropped until the hour has passed, so that no sender fills our memory. */
const MOST = 5_000

type Seen = ServiceVersion & { organization: string | undefined; atMs: number }

export type DeploymentNotes = {
  /** Of a batch that has been stored. Neither waits nor throws. @param organization the sender's; undefined is all */
  note: (versions: readonly ServiceVersion[], organization: string | undefined) => void
  /** Writes what waits. */
  stop: () => Promise<void>
}

/**
 * Which versions of services were heard of, written to `deployments` beside ingest: for the hot path it is a lookup in a
 * map. What a crash loses is noted at the version's next batch, a second too late.
 */
export function createDeploymentNotes(pool: Pool, onError: (error: unknown) => void, now: () => number = Date.now): DeploymentNotes {
  const writtenAtMs = new Map<string, number>()
  let waiting: Seen[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  let writing: Promise<void> = Promise.resolve()

  function note(versions: readonly ServiceVersion[], organization: string | undefined): void {
    const atMs = now()
    for (const { service, version } of versions) {
      const key = JSON.stringify([organization ?? null, service, version])
      if (atMs - (writtenAtMs.get(key) ?? -Infinity) < AGAIN_MS) continue
      if (writtenAtMs.size >= MOST) forgetOld(atMs)
      if (writtenAtMs.size >= MOST) return
      writtenAtMs.set(key, atMs)
      waiting.push({ organization, service, version, atMs })
    }
    if (waiting.length > 0) timer ??= setTimeout(() => void write(), WRITE_DELAY_MS)
  }

  function forgetOld(atMs: number): void {
    for (const [key, writtenMs] of writtenAtMs) if (atMs - writtenMs >= AGAIN_MS) writtenAtMs.delete(key)
  }

  function write(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const seen = waiting
    waiting = []
    if (seen.length === 0) return writing
    writing = writing.then(() => recordDeployments(pool, seen)).catch((error: unknown) => {
      onError(error)
      // The version's next batch brings it again.
      for (const { organization, service, version } of seen) writtenAtMs.delete(JSON.stringify([organization ?? null, service, version]))
    })
    return writing
  }

  return { note, stop: write }
}

async function recordDeployments(pool: Pool, seen: readonly Seen[]): Promise<void> {
  const column = <T>(pick: (one: Seen) => T): T[] => seen.map(pick)
  await read(
    pool,
    'recording which versions were heard of',
    (sql) => sql`
      select record_deployments(
        ${column(({ organization }) => organization ?? null)}::text[], ${column(({ service }) => service)}::text[],
        ${column(({ version }) => version)}::text[], ${column(({ atMs }) => new Date(atMs).toISOString())}::text[]::timestamptz[]
      )`,
  )
}
