import type { SignalBatch } from '../signal.ts'

export type Repeats = { spans: number; logs: number }

/**
 * Counts the signals that this process stored before, as senders repeat them that had no answer. It remembers the newest
 * `remembered` to twice as many (some 100 bytes each); what came to another replica it does not know. For a metric, not
 * for being right: the database takes a repetition for what it is.
 */
export function createRepeatCounter(remembered = 50_000): (batch: SignalBatch) => Repeats {
  let newer = new Set<string>()
  let older = new Set<string>()

  function isRepeated(key: string): boolean {
    if (newer.has(key) || older.has(key)) return true
    if (newer.size >= remembered) [newer, older] = [new Set(), newer]
    newer.add(key)
    return false
  }

  return ({ spans, logs }) => {
    let [repeatedSpans, repeatedLogs] = [0, 0]
    for (const { trace_id, span_id } of spans) if (isRepeated(`${trace_id}${span_id}`)) repeatedSpans += 1
    // A record without an identity of its own can't be told from another that says the same.
    for (const { uid } of logs) if (uid !== null && isRepeated(uid)) repeatedLogs += 1
    return { spans: repeatedSpans, logs: repeatedLogs }
  }
}
