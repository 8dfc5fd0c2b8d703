/**
 * A pure function of a text that remembers its newest answers: at least `limit` of them, at most twice as many.
 * Two generations in place of an order of use, so that a hit costs one look-up.
 * @param compute its answers are handed to many, and frozen for that.
 */
export function remembering<T>(limit: number, compute: (text: string) => T): (text: string) => T {
  let young = new Map<string, T>()
  let old = new Map<string, T>()
  return (text) => {
    const known = young.get(text) ?? old.get(text)
    if (known !== undefined) return known
    const answer = Object.freeze(compute(text))
    if (answer === undefined || text.length > MAX_CHARACTERS) return answer
    if (young.size >= limit) {
      old = young
      young = new Map()
    }
    young.set(text, answer)
    return answer
  }
}

/** A longer text than any that is worth its place. */
const MAX_CHARACTERS = 100
