/** Of one benchmark: what it wrote by `--json`. */
export type Figures = Record<string, Record<string, number>>
/** A line of the one table. A ratio under its bound holds; NaN: not measured. */
export type Line = { what: string; measured: number; unit: string; bound: number }

/** Each benchmark's figures as lines that stand for themselves: a time against its promise, a cost against its floor. */
export function toSummary({ queries = {}, stream = {} }: { queries?: Figures; stream?: Figures }): Line[] {
  const lines: Line[] = []
  for (const [name, { p50 = NaN, p99 = NaN, promised_p50 = NaN, promised_p99 = NaN }] of Object.entries(queries)) {
    lines.push({ what: `${name}, p50 to its promise`, measured: p50 / promised_p50, unit: '×', bound: 1 })
    lines.push({ what: `${name}, p99 to its promise`, measured: p99 / promised_p99, unit: '×', bound: 1 })
  }
  for (const [count, { per_second = NaN, p99Ms = NaN, promised_p99 = NaN, delivering_us = NaN, bare_us = NaN }] of Object.entries(stream)) {
    lines.push({ what: `post to listener, ${count} listeners, ${per_second} changes a second, p99 to its promise`, measured: p99Ms / promised_p99, unit: '×', bound: 1 })
    if (Number(count) > 1) lines.push({ what: `a message to ${count} listeners, CPU to a bare socket.write`, measured: delivering_us / bare_us, unit: '×', bound: 1.3 })
  }
  return lines
}

export const holds = ({ measured, bound }: Line): boolean => measured <= bound
