import { MAX_LONG_TEXT_BYTES } from './limits.ts'

const encoder = new TextEncoder()
const scratch = new Uint8Array(MAX_LONG_TEXT_BYTES)

/** Counts what was changed while one record was read. */
export type Changes = { truncatedTexts: number; droppedAttributes: number }

/**
 * Text that Postgres takes: U+FFFD for NUL and lone surrogates, at most `maxBytes` of UTF-8 (up to
 * {@link MAX_LONG_TEXT_BYTES}), cut between characters.
 */
export function toText(text: string, maxBytes: number, changes?: Changes): string {
  // A UTF-16 unit is one to three bytes, so what is looked at can be bounded before it is looked at.
  const clean = replaceUnstorable(text.length > maxBytes ? text.slice(0, maxBytes + 1) : text)
  if (clean.length * 3 <= maxBytes) return clean
  const { read } = encoder.encodeInto(clean, scratch.subarray(0, maxBytes))
  if (read === clean.length) return clean
  if (changes) changes.truncatedTexts++
  return clean.slice(0, read)
}

function replaceUnstorable(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed()
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', '\uFFFD') : wellFormed
}
