import type { Json } from '../../signal.ts'
import { textOf } from './textOf.ts'

/** Of up to 15 digits, as number or text; undefined for anything else. */
export function integerOf(value: Json | undefined): number | undefined {
  if (value === undefined) return undefined
  const text = textOf(value)
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}
