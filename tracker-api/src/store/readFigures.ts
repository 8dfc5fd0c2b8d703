import { setImmediate as otherWork } from 'node:timers/promises'
import type { Pool } from './Pool.ts'
import { readPieces } from './readPieces.ts'
import type { COUNTERS, Piece } from './readPieces.ts'
import { mergeSketches, samplesIn } from './Sketch.ts'
import type { Sketch } from './Sketch.ts'
import { toIsoUtc } from './timeText.ts'

/** Of requests created in [from, to), microseconds since the epoch; without an organization, of all together. */
export type Window = { fromUs: number; toUs: number; organization: string | undefined }

export const TREND_STEPS = ['hour', 'day', 'week', 'month', 'all'] as const
export type TrendStep = (typeof TREND_STEPS)[number]

const GROUPS_AT_ONCE = 100

/** What is known of one stage, or of whole requests (null), in one step of a window. */
export type Figures = Record<(typeof COUNTERS)[number], number> & {
  /** ISO 8601: where the step begins. */
  from: string
  stage: string | null
  order: number | null
  averageSeconds: number | null
  durations: Sketch
}

/**
 * The figures of a window by step, oldest first, whole requests before their stages. Days, weeks and months are those of
 * the time zone; the window counts in whole quarters of an hour.
 */
export async function readFigures(pool: Pool, window: Window, step: TrendStep, timezone: string): Promise<Figures[]> {
  const pieces = await readPieces(pool, window, step, timezone)
  const groups = new Map<string, Piece[]>()
  for (const piece of pieces) {
    // Postgres knows no text with a NUL.
    const key = `${piece.bucket}\0${piece.stage_name ?? '\0'}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [piece])
    else group.push(piece)
  }
  const figures: Figures[] = []
  for (const group of groups.values()) {
    figures.push(toFigures(group))
    // A year of days in a zone at half an hour is made of 75,000 pieces: a second, in which others are served.
    if (figures.length % GROUPS_AT_ONCE === 0) await otherWork()
  }
  return figures.toSorted(byPlace)
}

function toFigures(pieces: readonly Piece[]): Figures {
  const [first] = pieces
  if (first === undefined) throw new Error('Figures are made of no piece')
  const durations = mergeSketches(pieces.map((piece) => piece.durations))
  const samples = samplesIn(durations)
  const sum = (of: (piece: Piece) => number): number => pieces.reduce((total, piece) => total + of(piece), 0)
  const orders = pieces.flatMap(({ stage_order: order }) => (order === null ? [] : [order]))
  return {
    from: toIsoUtc(first.bucket),
    stage: first.stage_name,
    order: orders.length === 0 ? null : Math.min(...orders),
    total: sum(({ total }) => Number(total)),
    completed: sum(({ completed }) => Number(completed)),
    failed: sum(({ failed }) => Number(failed)),
    cancelled: sum(({ cancelled }) => Number(cancelled)),
    skipped: sum(({ skipped }) => Number(skipped)),
    retries: sum(({ retries }) => Number(retries)),
    averageSeconds: samples === 0 ? null : sum(({ sum_seconds: seconds }) => seconds) / samples,
    durations,
  }
}

const byPlace = (a: Figures, b: Figures): number =>
  compare(a.from, b.from) || compare(a.order ?? -1, b.order ?? -1) || compare(a.stage ?? '', b.stage ?? '')
const compare = <T extends string | number>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0)

/** To the millisecond, the precision of every duration in the API. */
export const toMillis = (seconds: number | null): number | null => (seconds === null ? null : Math.round(seconds * 1000) / 1000)
