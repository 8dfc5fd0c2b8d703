import { useEffect } from 'react'
import type { RefObject } from 'react'

/** The width below which the detail covers the page; also in RequestDetail.css. */
const SHEET = '(max-width: 1023px)'

/**
 * While `opened` by somebody: takes the focus to the panel's title and, when the panel goes, back to where it came from. Where the panel
 * covers the page, nothing behind it can be reached meanwhile, by pointer, key or screen reader.
 */
export function usePanelFocus(title: RefObject<HTMLElement | null>, opened: boolean): void {
  useEffect(() => {
    if (!opened) return undefined
    const before = document.activeElement
    title.current?.focus({ preventScroll: true })
    const media = window.matchMedia(SHEET)
    const root = title.current?.closest('.vt')
    const behind = [...(root?.querySelectorAll<HTMLElement>('.vt-bar, .vt-strip, .vt-main') ?? [])]
    const apply = () => {
      for (const part of behind) part.inert = media.matches
    }
    apply()
    media.addEventListener('change', apply)
    return () => {
      media.removeEventListener('change', apply)
      for (const part of behind) part.inert = false
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true })
    }
  }, [title, opened])
}
