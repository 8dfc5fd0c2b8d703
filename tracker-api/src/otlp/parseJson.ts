import { guardJson } from './guardJson.ts'
import { UnreadableBody } from './UnreadableBody.ts'

/** Parsed JSON, in which integers that a double can't hold are bigints. */
export type ParsedJson = string | number | boolean | bigint | null | undefined | ParsedJson[] | ParsedObject
/** May have own keys like `__proto__`: read named fields only, never copy it. */
export type ParsedObject = { [key: string]: ParsedJson }

type ExactReviver = (key: string, value: ParsedJson, context: { source?: string }) => ParsedJson
const parseWith = JSON.parse as (text: string, reviver?: ExactReviver) => ParsedJson

/** Throws {@link UnreadableBody}. Bytes that are no UTF-8 become U+FFFD. */
export function parseJson(body: Buffer): ParsedJson {
  const { hasLongInteger } = guardJson(body)
  try {
    // A reviver costs several times the parsing itself, so only where it is needed.
    return hasLongInteger ? parseWith(body.toString('utf8'), exact) : parseWith(body.toString('utf8'))
  } catch (cause) {
    throw new UnreadableBody('The body is not valid JSON', 400, { cause })
  }
}

const exact: ExactReviver = (_key, value, { source }) =>
  typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined && /^-?\d+$/.test(source)
    ? BigInt(source)
    : value
