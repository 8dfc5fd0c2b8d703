/**
 * What must not be stored, whatever services send.
 *
 * - key: an attribute's name, or a key inside a value. `*` stands for any text: `*.password`, `http.request.header.*`.
 * - text: what a value, a message or a name must not hold.
 */
export type RedactionRules = {
  /** Left out with their values. */
  deniedKeys: readonly string[]
  /** Where said: attributes that are neither among these nor the tracker's own are left out. */
  allowedKeys: readonly string[] | undefined
  /** Each is a name of {@link TEXTS} or `/a regular expression/`. */
  texts: readonly string[]
}

/** Known by name. */
export const TEXTS: Record<string, { pattern: RegExp; fits?: (found: string) => boolean }> = {
  email: { pattern: /[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}/gu },
  credit_card: { pattern: /(?<!\w)\d(?:[ -]?\d){13,18}(?!\w)/g, fits: hasLuhnCheckDigit },
  ipv4: { pattern: /(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w.])/g },
}

/** ISO/IEC 7812: all payment cards have it, one in ten other numbers. */
function hasLuhnCheckDigit(found: string): boolean {
  const digits = found.replaceAll(/\D/g, '').split('').toReversed().map(Number)
  const sum = digits.reduce((total, digit, place) => total + (place % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2), 0)
  return sum % 10 === 0
}

/** Why a text rule can't be used; undefined where it can. */
export function mistakeInTextRule(rule: string): string | undefined {
  if (Object.hasOwn(TEXTS, rule)) return undefined
  const source = sourceOf(rule)
  if (source === undefined) return `must be one of ${Object.keys(TEXTS).join(', ')} or /a regular expression/`
  try {
    return new RegExp(source, 'gu').test('') ? 'holds a regular expression that fits an empty text' : undefined
  } catch {
    return 'holds a regular expression that can’t be read'
  }
}

/** @throws SyntaxError for a rule with a mistake. */
export function textRuleOf(rule: string): { pattern: RegExp; fits?: (found: string) => boolean } {
  return TEXTS[rule] ?? { pattern: new RegExp(sourceOf(rule) ?? rule, 'gu') }
}

const sourceOf = (rule: string): string | undefined => /^\/(.+)\/$/.exec(rule)?.[1]
