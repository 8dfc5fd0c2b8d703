import type { Notice } from './startPager.ts'

const LINKS = { runbook_url: 'what to do', dashboard_url: 'dashboard', examples_url: 'requests' }
const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escape = (text: string) => text.replace(/[&<>"]/g, (character) => escapes[character] ?? '')

/** Notices as a page, newest first, without those of the dead man's switch; it loads itself again. */
export function toPagerPage(notices: readonly Notice[]): string {
  const shown = notices.filter(({ channel }) => channel !== 'watchdog').toReversed()
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="5">
<title>Pager · Vividly</title>
<style>body { font: 15px system-ui; margin: 2rem } td { padding: .3rem .8rem; vertical-align: top }</style>
<h1>What on-call was told</h1>
${shown.length === 0 ? '<p>Nothing so far.</p>' : `<table>${shown.map(row).join('')}</table>`}
</html>
`
}

function row({ channel, status, alert, annotations, receivedAtMs }: Notice): string {
  const links = Object.entries(LINKS).flatMap(([name, text]) => {
    const url = annotations[name] ?? ''
    return /^https?:/.test(url) ? [`<a href="${escape(url)}">${text}</a>`] : []
  })
  const cells = [new Date(receivedAtMs).toISOString(), channel, status, alert, annotations['summary'] ?? ''].map(escape)
  return `<tr>${[...cells, links.join(' · ')].map((cell) => `<td>${cell}</td>`).join('')}</tr>\n`
}
