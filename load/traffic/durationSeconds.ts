/** Seconds of a duration as k6 writes it: `90s`, `10m`, `2h`. */
export function durationSeconds(duration: string): number {
  const [, count = '', unit = ''] = /^(\d+)([smh])$/.exec(duration) ?? []
  const seconds = { s: 1, m: 60, h: 3600 }[unit]
  if (seconds === undefined) throw new Error(`A duration is a whole number and s, m or h, not ${duration}`)
  return Number(count) * seconds
}
