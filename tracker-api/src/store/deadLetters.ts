import type { SignalKind } from '../signal.ts'
import type { Pool } from './Pool.ts'
import { isDataFault } from './postgresError.ts'

export type DeadLetter = {
  id: string
  received_at: string
  signal: SignalKind
  reason: string
  detail: string | null
  organization_id: string | null
  /** Whether it holds a whole signal, which can be tried again. */
  replayable: boolean
  /** What was refused, as far as it could be read; may hold personal data. */
  payload: unknown
}

export type DeadLetterQuery = { reason?: string | undefined; ids?: readonly string[] | undefined; limit: number }

/** The newest first. */
export async function listDeadLetters(pool: Pool, { reason, ids, limit }: DeadLetterQuery): Promise<DeadLetter[]> {
  return pool.run(
    'listing dead letters',
    (sql) => sql<DeadLetter[]>`
      select id::text, to_char(received_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as received_at,
        signal, reason, detail, organization_id, coalesce(is_replayable(reason, payload), false) as replayable, payload
      from dead_letters
      where (${reason ?? null}::text is null or reason = ${reason ?? null})
        and (${ids ? [...ids] : null}::bigint[] is null or id = any (${ids ? [...ids] : null}::bigint[]))
      order by id desc
      limit ${limit}`,
  )
}

export type Replayed = {
  /** What was taken; these are dead letters no more. */
  replayed: number
  /** Refused again, with the reason of now. */
  refused: number
  /** Not whole, or gone meanwhile. */
  passedOver: number
}

/** Of one statement; a batch of SDKs is as large. */
const LETTERS_AT_ONCE = 500

/** Tries dead letters again, oldest first, after what refused them is mended. Repeating it changes nothing. */
export async function replayDeadLetters(pool: Pool, query: Pick<DeadLetterQuery, 'reason' | 'ids'>): Promise<Replayed> {
  const total: Replayed = { replayed: 0, refused: 0, passedOver: 0 }
  const listed = await idsOf(pool, query)
  for (let i = 0; i < listed.length; i += LETTERS_AT_ONCE) {
    const some = listed.slice(i, i + LETTERS_AT_ONCE)
    const { replayed, refused } = await replay(pool, some)
    total.replayed += replayed
    total.refused += refused
    total.passedOver += some.length - replayed - refused
  }
  return total
}

async function idsOf(pool: Pool, { reason, ids }: Pick<DeadLetterQuery, 'reason' | 'ids'>): Promise<string[]> {
  const rows = await pool.run(
    'looking dead letters up',
    (sql) => sql<{ id: string }[]>`
      select id::text from dead_letters
      where (${reason ?? null}::text is null or reason = ${reason ?? null})
        and (${ids ? [...ids] : null}::bigint[] is null or id = any (${ids ? [...ids] : null}::bigint[]))
      order by id`,
  )
  const known = new Set(rows.map(({ id }) => id))
  return [...known, ...(ids ?? []).filter((id) => !known.has(id))]
}

/** Where one of them can't be stored, they are halved until it is alone; it stays as it is. */
async function replay(pool: Pool, ids: string[]): Promise<{ replayed: number; refused: number }> {
  try {
    const [row] = await pool.run(
      'replaying dead letters',
      (sql) => sql<{ replayed: number; refused: number }[]>`select replayed, refused from replay_dead_letters(${ids}::bigint[])`,
    )
    return row ?? { replayed: 0, refused: 0 }
  } catch (error) {
    if (!isDataFault(error)) throw error
    if (ids.length === 1) return { replayed: 0, refused: 1 }
    const middle = Math.ceil(ids.length / 2)
    const first = await replay(pool, ids.slice(0, middle))
    const second = await replay(pool, ids.slice(middle))
    return { replayed: first.replayed + second.replayed, refused: first.refused + second.refused }
  }
}
