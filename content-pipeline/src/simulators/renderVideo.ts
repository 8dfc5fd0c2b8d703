const SLIDE_SECONDS = 4

/** The simulated video: an animated SVG that shows one paragraph of the script after the other in any browser. */
export function renderVideo(script: string): string {
  const slides = script.split('\n\n').map((paragraph) => wrap(paragraph, 52).slice(0, 9))
  const totalSeconds = slides.length * SLIDE_SECONDS
  const pictures = slides.map((lines, index) => {
    const text = lines.map((line, row) => `<tspan x="48" y="${96 + row * 34}">${escapeXml(line)}</tspan>`).join('')
    return `<text opacity="0" fill="#fff" font-family="sans-serif" font-size="24">${text}<animate attributeName="opacity" values="0;1;1;0;0" keyTimes="${keyTimes(index, slides.length)}" dur="${totalSeconds}s" repeatCount="indefinite"/></text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 768 432"><rect width="768" height="432" fill="#1d3557"/>${pictures.join('')}</svg>\n`
}

/** Fades in, stands, fades out inside its own share of the whole. */
function keyTimes(index: number, count: number): string {
  const at = (slide: number) => Math.min(slide / count, 1).toFixed(4)
  return [at(0), at(index + 0.1), at(index + 0.9), at(index + 1), at(count)].join(';')
}

function wrap(paragraph: string, width: number): string[] {
  const lines = ['']
  for (const word of paragraph.split(/\s+/)) {
    const last = lines.at(-1) ?? ''
    if (last !== '' && last.length + word.length >= width) lines.push(word)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  return lines
}

export function escapeXml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
  // XML 1.0 has no place for control and non-characters, not even escaped.
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\ufffe\uffff]/g, ' ').replace(/[&<>"']/g, (character) => entities[character] ?? '')
}
