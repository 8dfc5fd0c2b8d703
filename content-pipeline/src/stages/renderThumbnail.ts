import { escapeXml } from '../simulators/renderVideo.ts'

const LONGEST_TITLE = 34

/** A 16:9 title card. */
export function renderThumbnail(topic: string): string {
  const characters = Array.from(topic)
  const title = characters.length > LONGEST_TITLE ? `${characters.slice(0, LONGEST_TITLE - 1).join('')}…` : topic
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 180"><rect width="320" height="180" fill="#1d3557"/><path d="M146 62v40l34-20z" fill="#fff"/><text x="160" y="140" text-anchor="middle" fill="#fff" font-family="sans-serif" font-size="16">${escapeXml(title)}</text></svg>\n`
}
