import { languageOf, LANGUAGES } from '../src/text/locale.ts'
import type { Catalogue, Language } from '../src/text/locale.ts'

const ZONE = 'vividly.zone'
const LANGUAGE = 'vividly.language'

/** The zone that the reader chose; undefined: the browser's, also where what is kept names none. */
export function readTimezone(): string | undefined {
  const kept = read(ZONE)
  return kept !== undefined && Intl.supportedValuesOf('timeZone').concat('UTC').includes(kept) ? kept : undefined
}

export function keepTimezone(zone: string | undefined): void {
  keep(ZONE, zone)
}

/** Chosen, else the browser's. */
export function readLanguage(): Language {
  return LANGUAGES.find((one) => one === read(LANGUAGE)) ?? languageOf(navigator.language)
}

export function keepLanguage(language: Language): void {
  keep(LANGUAGE, language)
}

/** English needs none; another one comes when it is wanted. */
export async function loadCatalogue(language: Language): Promise<Catalogue> {
  return language === 'de' ? (await import('../src/text/de.ts')).de : {}
}

function read(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined
  } catch {
    return undefined
  }
}

/** A browser that keeps nothing holds the choice until the page is left. */
function keep(key: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(key)
    else localStorage.setItem(key, value)
  } catch {
    // As said above.
  }
}
