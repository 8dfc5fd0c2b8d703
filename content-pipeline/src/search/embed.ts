/** Length of every vector. At 55 chunks of ~40 words, collisions of hashed words are rare and their signs cancel. */
const DIMENSIONS = 1024

const STOP_WORDS = new Set(
  'a an and are as at be by do does for from has have how i in is it its of on or so that the their they this to was what when which who why with you your'.split(' '),
)

/** Lower-case words without stop words; a plural's `s` is dropped, so that "cells" finds "cell". */
export function toTerms(text: string): string[] {
  return (text.toLowerCase().match(/\p{L}+|\p{N}+/gu) ?? [])
    .filter((word) => !STOP_WORDS.has(word))
    .map((word) => (word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word))
}

/** How telling a term is: the rarer in the corpus, the heavier. */
export type TermWeight = (term: string) => number

/** Inverse document frequency over `texts`; a term that none of them has weighs most. */
export function inverseDocumentFrequency(texts: string[]): TermWeight {
  const documents = new Map<string, number>()
  for (const text of texts) for (const term of new Set(toTerms(text))) documents.set(term, (documents.get(term) ?? 0) + 1)
  return (term) => Math.log((1 + texts.length) / (1 + (documents.get(term) ?? 0))) + 1
}

/**
 * A deterministic stand-in for an embedding model: hashed TF-IDF (feature hashing, Weinberger et al. 2009),
 * of unit length, or all zero for a text without terms.
 */
export function embed(text: string, weight: TermWeight): Float64Array {
  const vector = new Float64Array(DIMENSIONS)
  for (const term of toTerms(text)) {
    const hash = fnv1a(term)
    const slot = hash % DIMENSIONS
    vector[slot] = (vector[slot] ?? 0) + (hash >= 0x80000000 ? 1 : -1) * weight(term)
  }
  const length = Math.hypot(...vector)
  return length === 0 ? vector : vector.map((value) => value / length)
}

/** FNV-1a, 32 bit. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash
}
