/** About what a value takes in OTLP, in bytes, and at least nothing; cheap enough for the caller's path. */
export function roughBytes(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return 8
  let bytes = 0
  // No entries are made: this runs for each record.
  for (const key in value) bytes += key.length + 24 + roughBytes((value as Record<string, unknown>)[key])
  return bytes
}
