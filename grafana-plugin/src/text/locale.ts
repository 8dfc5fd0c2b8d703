/** How this reader reads: the language of words and figures, and the zone of all times. One of each for a page or a plugin. */
export const LANGUAGES = ['en', 'de'] as const
export type Language = (typeof LANGUAGES)[number]

/** By the English text. */
export type Catalogue = Readonly<Record<string, string>>

/** The day before its month, and 24 hours, as in the rest of the screen. */
const TAGS: Record<Language, { figures: string; times: string }> = {
  en: { figures: 'en-US', times: 'en-GB' },
  de: { figures: 'de-DE', times: 'de-DE' },
}

let language: Language = 'en'
let catalogue: Catalogue = {}
let timeZone: string | undefined
let formats = new Map<string, Intl.DateTimeFormat>()

/** To be called before anything is drawn. */
export function setLanguage(next: Language, words: Catalogue): void {
  language = next
  catalogue = words
  formats = new Map()
}

/** @param zone an IANA name; undefined: the browser's */
export function setTimeZone(zone: string | undefined): void {
  if (zone === timeZone) return
  timeZone = zone
  formats = new Map()
}

/** The nearest that there is to what a browser or Grafana names, e.g. `de-AT`. */
export function languageOf(tag: string | undefined): Language {
  return LANGUAGES.find((one) => tag?.toLowerCase().split('-')[0] === one) ?? 'en'
}

export const currentLanguage = (): Language => language
export const currentTimeZone = (): string => timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
export const wordFor = (english: string): string => catalogue[english] ?? english

/** "1,234" or "1.234". */
export function formatCount(value: number): string {
  return value.toLocaleString(TAGS[language].figures)
}

/** Made once for its options: making one costs more than a hundred uses of it. */
export function timeFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify(options)
  let format = formats.get(key)
  if (!format) formats.set(key, (format = new Intl.DateTimeFormat(TAGS[language].times, { ...options, ...(timeZone && { timeZone }) })))
  return format
}
