/** JSON text of an object and of more members, which are JSON text already; null for none. */
export function withRaw(fields: object, raw: Record<string, string | null>): string {
  const members = Object.entries(raw).map(([key, json]) => `,"${key}":${json ?? 'null'}`)
  return `${JSON.stringify(fields).slice(0, -1)}${members.join('')}}`
}
