/** How fast values grow that were read each `everyMs`: the slope of their least-squares line, a minute. 0 for fewer than two. */
export function slopePerMinute(values: readonly number[], everyMs: number): number {
  const count = values.length
  if (count < 2) return 0
  const middle = (count - 1) / 2
  const mean = values.reduce((sum, value) => sum + value, 0) / count
  const above = values.reduce((sum, value, index) => sum + (index - middle) * (value - mean), 0)
  const below = values.reduce((sum, _, index) => sum + (index - middle) ** 2, 0)
  return (above / below) * (60_000 / everyMs)
}
