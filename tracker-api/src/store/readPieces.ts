import type { Pool } from './Pool.ts'
import { readRows } from './read.ts'
import { createSketchStore } from './SketchStore.ts'
import type { SketchStore } from './SketchStore.ts'
import type { TrendStep, Window } from './readFigures.ts'
import type { Sketch } from './Sketch.ts'

export const COUNTERS = ['total', 'completed', 'failed', 'cancelled', 'skipped', 'retries'] as const

/** What a window is made of: the figures of a day, an hour or a quarter of one; numbers of 64 bits as text. */
export type Piece = Record<(typeof COUNTERS)[number], string> & {
  /** Where the step begins that it belongs to, as Postgres writes it. */
  bucket: string
  stage_name: string | null
  stage_order: number | null
  sum_seconds: number
  durations: Sketch
}

/** Which version of which row holds a sketch: never two sketches have the same in one history of a database. */
type Mark = { kind: string; at: string; organization_id: string | null; stage_name: string | null; place: string; version: string }
type Marked = Mark & Omit<Piece, 'durations'> & { epoch: string }
/** Arrays as text. */
type Held = { buckets: string | null; counts: string | null }

/** Made anew between the two readings, the newest quarter may be missed; thrice in a row is a database that does nothing else. */
const TRIES = 3
/** More than that would push out what other windows are made of; they are read as they are. */
const MOST_UNKNOWN = 2_000
const storesByPool = new WeakMap<Pool, SketchStore>()

/**
 * The pieces of a window. Sketches are most of their bytes and seldom change, so the rows are read without them, and of
 * sketches only those whose row was not read in this version before (docs/adr/025).
 */
export async function readPieces(pool: Pool, window: Window, step: TrendStep, timezone: string): Promise<Piece[]> {
  const store = storesByPool.get(pool) ?? createSketchStore()
  storesByPool.set(pool, store)
  for (let tries = 0; tries < TRIES; tries++) {
    const rows = await readMarked(pool, window, step, timezone)
    const found = rows.map((row) => {
      const key = keyOf(row.epoch, row)
      return { row, key, sketch: store.get(key) }
    })
    const unknown = found.filter(({ sketch }) => sketch === undefined)
    if (unknown.length > MOST_UNKNOWN) break
    const [first] = unknown
    // Kept by this reading itself too: the store may be full.
    const read = first === undefined ? new Map<string, Sketch>() : await readSketches(pool, first.row.epoch, unknown.map(({ row }) => row))
    for (const [key, sketch] of read) store.set(key, sketch)
    const pieces = found.flatMap(({ row, key, sketch }) => {
      const durations = sketch ?? read.get(key)
      return durations === undefined ? [] : [{ ...row, durations }]
    })
    if (pieces.length === rows.length) return pieces
  }
  return readWhole(pool, window, step, timezone)
}

const keyOf = (epoch: string, { kind, at, organization_id, stage_name, place, version }: Mark): string =>
  // Postgres knows no text with a NUL.
  [epoch, kind, at, organization_id ?? '\0', stage_name ?? '\0', place, version].join('\0')

function readMarked(pool: Pool, { fromUs, toUs, organization }: Window, step: TrendStep, timezone: string): Promise<readonly Marked[]> {
  return readRows<Marked>(
    pool,
    'reading trends',
    (sql) => sql`
      select m.bucket::text, m.kind, m.at::text, m.organization_id, m.stage_name, m.place, m.version, m.stage_order, m.total,
        m.completed, m.failed, m.cancelled, m.skipped, m.retries, m.sum_seconds, (select e.epoch from change_feed_epoch e) as epoch
      from trend_marks(timestamp_of_us(${fromUs}::bigint), timestamp_of_us(${toUs}::bigint), ${step}, ${timezone},
        ${organization ?? null}::text) m`,
  )
}

async function readSketches(pool: Pool, epoch: string, marks: readonly Mark[]): Promise<Map<string, Sketch>> {
  const places = (ofQuarters: boolean): string => `{${marks.filter(({ kind }) => (kind === 'quarter') === ofQuarters).map(({ place }) => `"${place}"`).join(',')}}`
  const rows = await readRows<Mark & Held>(
    pool,
    'reading sketches',
    (sql) => sql`
      select p.step as kind, p.opens::text as at, p.organization_id, p.stage_name, p.ctid as place, p.xmin as version,
        (p.durations).buckets::text as buckets, (p.durations).counts::text as counts
      from request_periods p where p.ctid = any (${places(false)}::text::tid[])
      union all
      select 'quarter', q.quarter::text, q.organization_id, q.stage_name, q.ctid, q.xmin,
        (q.durations).buckets::text, (q.durations).counts::text
      from request_quarters q where q.ctid = any (${places(true)}::text::tid[])`,
  )
  return new Map(rows.map((row) => [keyOf(epoch, row), toSketch(row)]))
}

async function readWhole(pool: Pool, { fromUs, toUs, organization }: Window, step: TrendStep, timezone: string): Promise<Piece[]> {
  const rows = await readRows<Omit<Piece, 'durations'> & Held>(
    pool,
    'reading trends at once',
    (sql) => sql`
      select p.bucket::text, p.stage_name, p.stage_order, p.total, p.completed, p.failed, p.cancelled, p.skipped, p.retries,
        p.sum_seconds, (p.durations).buckets::text as buckets, (p.durations).counts::text as counts
      from trend_pieces(timestamp_of_us(${fromUs}::bigint), timestamp_of_us(${toUs}::bigint), ${step}, ${timezone},
        ${organization ?? null}::text) p`,
  )
  return rows.map((row) => ({ ...row, durations: toSketch(row) }))
}

const toSketch = ({ buckets, counts }: Held): Sketch => ({ buckets: toNumbers(buckets), counts: toNumbers(counts) })

/** `{1,2}`, as Postgres writes an array of numbers. */
const toNumbers = (array: string | null): number[] => (array === null ? [] : (JSON.parse(`[${array.slice(1, -1)}]`) as number[]))
