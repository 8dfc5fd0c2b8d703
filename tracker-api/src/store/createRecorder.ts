import type { SignalBatch } from '../signal.ts'
import { callRecordSignals } from './callRecordSignals.ts'
import { coalesce } from './coalesce.ts'
import type { Database } from './database.ts'
import { isDataFault, isLockTimeout, isTransient } from './postgresError.ts'
import { recordSignals } from './recordSignals.ts'
import type { Refused } from './recordSignals.ts'
import { StoreUnavailable } from './StoreUnavailable.ts'

export type Recording = {
  /** Statements under way; 0 gives each batch one of its own at once. */
  lanes: number
  /** Signals of one statement; a batch that has more goes alone. */
  maxSignals: number
}

type Recorded = { refused: Refused[] }

/**
 * {@link recordSignals} for many callers: batches that come while a statement is under way share the next one. Each is
 * still acknowledged after its own commit and told its own refusals. Where a shared statement fails by what one of
 * them holds (data that can't be stored, a lock that somebody keeps), each has one of its own, so that nobody suffers
 * for others.
 */
export function createRecorder(database: Database, { lanes = 2, maxSignals = 2_000 }: Partial<Recording> = {}) {
  if (lanes === 0) return (batch: SignalBatch): Promise<Recorded> => recordSignals(database, batch)
  return coalesce<SignalBatch, Recorded>({
    lanes,
    maxSize: maxSignals,
    sizeOf: ({ spans, logs, refusals }) => spans.length + logs.length + refusals.length,
    run: async (batches) => {
      if (batches.length === 1) return apart(database, batches)
      try {
        return await together(database, batches)
      } catch (error) {
        if (isFaultOfFew(error)) return apart(database, batches)
        if (error instanceof StoreUnavailable) throw error
        throw new StoreUnavailable('The database failed while recording signals', { cause: error })
      }
    },
  })
}

/** What may go well without those whose fault it is, or at another try. */
function isFaultOfFew(error: unknown): boolean {
  return isDataFault(error) || isTransient(error) || isLockTimeout(error)
}

/** Throws where the database takes none of them. */
async function apart(database: Database, batches: SignalBatch[]): Promise<PromiseSettledResult<Recorded>[]> {
  const outcomes = await Promise.allSettled(batches.map((batch) => recordSignals(database, batch)))
  const failures = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason as Error)
  const [failure] = failures
  if (failures.length === batches.length && failure && !failures.some(({ cause }) => isLockTimeout(cause))) throw failure
  return outcomes
}

async function together(database: Database, batches: SignalBatch[]): Promise<PromiseSettledResult<Recorded>[]> {
  const rows = await callRecordSignals(database.ingest, {
    spans: batches.flatMap(({ spans }, sender) => spans.map((span) => Object.assign(span, { sender }))),
    logs: batches.flatMap(({ logs }, sender) => logs.map((log) => Object.assign(log, { sender }))),
    refusals: batches.flatMap(({ refusals }) => refusals),
  })
  return batches.map(({ refusals }, ownSender) => {
    const here = rows.filter(({ sender }) => sender === ownSender)
    const refused = [...refusals, ...here].map(({ signal, reason, detail }) => ({ signal, reason, detail }))
    return { status: 'fulfilled', value: { refused } }
  })
}
