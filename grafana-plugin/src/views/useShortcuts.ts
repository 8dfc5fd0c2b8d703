import { useEffect, useRef } from 'react'

export type Shortcuts = Partial<Record<'/' | 'j' | 'k' | 'c' | 'p' | '?' | 'Escape', () => void>>

/** Single keys, while nobody types and no dialog is open. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts)
  useEffect(() => {
    latest.current = shortcuts
  })
  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
      const target = event.target instanceof Element ? event.target : undefined
      if (target?.closest('input, textarea, select, [contenteditable], dialog[open]')) return
      if (!Object.hasOwn(latest.current, event.key)) return
      event.preventDefault()
      latest.current[event.key as keyof Shortcuts]?.()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
}

/** Moves the focus to the next or previous request's button. */
export function moveFocus(root: Element | null, step: 1 | -1): void {
  const buttons = [...(root?.querySelectorAll<HTMLElement>('.vt-row__open') ?? [])]
  const current = document.activeElement?.closest('.vt-row') ?? root?.querySelector('.vt-row--open')
  const index = buttons.findIndex((button) => current?.contains(button))
  const next = buttons[index < 0 ? (step > 0 ? 0 : buttons.length - 1) : index + step]
  next?.focus()
  next?.closest('.vt-row')?.scrollIntoView({ block: 'nearest' })
}
