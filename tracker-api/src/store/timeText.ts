/** Times as Postgres writes them with TimeZone UTC and DateStyle ISO: `2026-11-28 16:28:47.123456+00`. */

/** ISO 8601 in UTC to the millisecond, the form of every time in the API: cut, as `iso_utc` cuts. */
export const toIsoUtc = (text: string): string =>
  `${text.slice(0, 10)}T${text.slice(11, 19)}.${(text[19] === '.' ? text.slice(20, text.length - 3) : '').slice(0, 3).padEnd(3, '0')}Z`

/** Milliseconds since the epoch, in full: microseconds are their fraction. */
export function toMs(text: string): number {
  const seconds = Date.parse(`${text.slice(0, 10)}T${text.slice(11, 19)}Z`)
  return text[19] === '.' ? seconds + Number(text.slice(19, text.length - 3)) * 1000 : seconds
}
