import type { Json } from '../../signal.ts'

/** As Postgres' `->>`: null for what is absent or null, the JSON of what is no text. */
export function textOf(value: Json | undefined): string | null {
  if (value === undefined || value === null) return null
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** {@link textOf}, where the empty text says nothing. */
export function wordOf(value: Json | undefined): string | null {
  return textOf(value) || null
}
