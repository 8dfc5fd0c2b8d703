import { Icon } from './Icon.tsx'

/** A link where the text is an http(s) address, plain text otherwise: `javascript:` never becomes clickable. */
export function LinkOrText({ text }: { text: string }) {
  if (!isWebAddress(text)) return <bdi>{text}</bdi>
  return (
    <a className="vt-link" href={text} target="_blank" rel="noopener noreferrer">
      <bdi>{text}</bdi> <Icon name="external" size={12} />
    </a>
  )
}

export function isWebAddress(text: string): boolean {
  try {
    const { protocol } = new URL(text)
    return protocol === 'https:' || protocol === 'http:'
  } catch {
    return false
  }
}
