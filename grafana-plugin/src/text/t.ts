import { wordFor } from './locale.ts'

export type Values = Readonly<Record<string, string | number>>

/**
 * A text of the screen in the reader's language; English where that has none for it.
 * @param english the text itself, with its parts in braces: `{count} new`. A test holds each against the catalogues.
 */
export function t(english: string, values: Values = {}): string {
  return wordFor(english).replaceAll(/\{(\w+)\}/g, (part, name: string) => (Object.hasOwn(values, name) ? String(values[name]) : part))
}

/** Marks a text that stands in a table and goes through `t` where it is drawn. */
export const msg = <const T extends string>(english: T): T => english
