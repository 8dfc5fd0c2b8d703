const BEGIN = '<!-- computed: npm run scaling -->'
const END = '<!-- end -->'

/** @throws Error when the page has no place for them */
export function putTables(page: string, tables: string): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (from === -1 || to < from) throw new Error(`docs/scaling.md has no ${BEGIN} … ${END}`)
  return `${page.slice(0, from + BEGIN.length)}\n${tables}\n${page.slice(to)}`
}
