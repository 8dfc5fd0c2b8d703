const UNITS_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const RELATIVE = /^now(?:-(\d{1,5})([smhd]))?$/

/**
 * A time in an address: ISO 8601, Unix milliseconds, `now`, or as Grafana writes it `now-30m`, `now-2h`, `now-7d`.
 * @returns Unix milliseconds; undefined for no text and for what is no time
 */
export function parseMoment(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined
  const relative = RELATIVE.exec(text)
  if (relative) return nowMs - Number(relative[1] ?? 0) * (UNITS_MS[relative[2] ?? ''] ?? 0)
  const ms = /^\d{10,14}$/.test(text) ? Number(text) : Date.parse(text)
  return Number.isNaN(ms) ? undefined : ms
}
