export type Bar = { label: string; value: number; beside?: number | undefined }

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
const ROW = 34
const LEFT = 250
const WIDTH = 420

/**
 * Bars as an SVG, on a logarithmic scale where the values span more than a hundredfold; `beside` is drawn as a thin
 * second bar, named in the title. Readable on light and dark grounds.
 */
export function toBarChart(title: string, unit: string, bars: readonly Bar[]): string {
  const values = bars.flatMap(({ value, beside }) => [value, beside ?? value]).filter((value) => value > 0)
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const isLogarithmic = most > 100 * least
  const lengthOf = (value: number) => {
    if (!(value > 0)) return 0
    const share = isLogarithmic ? Math.log(value / (least / 2)) / Math.log(most / (least / 2)) : value / most
    return Math.max(1, Math.round(share * WIDTH))
  }
  const rows = bars.map(({ label, value, beside }, i) => {
    const y = 44 + i * ROW
    const told = beside === undefined ? '' : `<rect x="${LEFT}" y="${y + 17}" width="${lengthOf(beside)}" height="5" fill="#9aa5b1"/>`
    return `<text x="${LEFT - 8}" y="${y + 13}" text-anchor="end">${escaped(label)}</text><rect x="${LEFT}" y="${y}" width="${lengthOf(value)}" height="16" fill="#2f7ed8"/>${told}<text x="${LEFT + lengthOf(value) + 6}" y="${y + 13}">${Number(value.toPrecision(3))} ${escaped(unit)}</text>`
  })
  const height = 56 + bars.length * ROW
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 ${height}" width="800" height="${height}" font-family="sans-serif" font-size="13" fill="#24292f" role="img" aria-label="${escaped(title)}">
<rect width="800" height="${height}" fill="#ffffff"/>
<text x="16" y="26" font-size="15" font-weight="bold">${escaped(title)}${isLogarithmic ? ' (logarithmic)' : ''}</text>
${rows.join('\n')}
</svg>
`
}
