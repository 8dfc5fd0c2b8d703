import { MAX_JSON_DEPTH, MAX_JSON_OBJECTS } from './limits.ts'
import { UnreadableBody } from './UnreadableBody.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const DOT = 0x2e
const ZERO = 0x30
const NINE = 0x39
/** Integers of fewer digits are exact as doubles. */
const LONG_INTEGER_DIGITS = 16

/**
 * Looks over JSON bytes before anything is parsed or built. Says whether a number stands in them that
 * JSON.parse alone would round. Throws {@link UnreadableBody} for too deep (400) and too many (413).
 */
export function guardJson(body: Uint8Array): { hasLongInteger: boolean } {
  let depth = 0
  let objects = 0
  let digits = 0
  let hasLongInteger = false
  for (let i = 0; i < body.length; i++) {
    const byte = body[i] ?? 0
    if (byte >= ZERO && byte <= NINE) {
      // Digits behind a point are a fraction's: rounding those is what doubles are for.
      if (digits === 0 && body[i - 1] === DOT) digits = Number.NEGATIVE_INFINITY
      if (++digits >= LONG_INTEGER_DIGITS) hasLongInteger = true
      continue
    }
    digits = 0
    if (byte === QUOTE) {
      i = endOfText(body, i)
    } else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > MAX_JSON_DEPTH) {
        throw new UnreadableBody(`The body is JSON nested deeper than ${MAX_JSON_DEPTH} levels`)
      }
      if (++objects > MAX_JSON_OBJECTS) {
        throw new UnreadableBody(`The body holds more than ${MAX_JSON_OBJECTS} objects; send smaller batches`, 413)
      }
    } else if (byte === 0x7d || byte === 0x5d) {
      depth--
    }
  }
  return { hasLongInteger }
}

/** Index of the closing quote, or of the last byte where there is none. */
function endOfText(body: Uint8Array, start: number): number {
  for (let i = start + 1; i < body.length; i++) {
    if (body[i] === BACKSLASH) i++
    else if (body[i] === QUOTE) return i
  }
  return body.length
}
