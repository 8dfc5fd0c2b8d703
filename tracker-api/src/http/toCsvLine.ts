/**
 * A line of CSV (RFC 4180) with its CRLF. Text that a spreadsheet would take for a formula, in letters of full width too, gets a `'` before it;
 * null is an empty field.
 */
export function toCsvLine(fields: readonly unknown[]): string {
  return `${fields.map(toField).join(',')}\r\n`
}

function toField(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value !== 'string') return JSON.stringify(value)
  const text = /^[=+\-@＝＋－＠\t\r\n]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
