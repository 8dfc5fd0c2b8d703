import { useEffect, useRef } from 'react'

import './Menu.css'

type Props = { summary: React.ReactNode; className: string; children: React.ReactNode }

/**
 * What opens below a button: closed by Escape, which gives the focus back, by a click beside it, by a link in it, and by
 * a form with `data-closes`.
 */
export function Menu({ summary, className, children }: Props) {
  const fold = useRef<HTMLDetailsElement>(null)
  const close = (): void => {
    if (fold.current) fold.current.open = false
  }
  useEffect(() => {
    const onPointerDown = (event: PointerEvent) => {
      if (fold.current?.open && !event.composedPath().includes(fold.current)) fold.current.open = false
    }
    document.addEventListener('pointerdown', onPointerDown)
    return () => document.removeEventListener('pointerdown', onPointerDown)
  }, [])
  return (
    <details
      ref={fold}
      className={`vt-menu ${className}`}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !fold.current?.open) return
        // Else the request beside the list would close too.
        event.stopPropagation()
        close()
        fold.current.querySelector('summary')?.focus()
      }}
    >
      <summary className="vt-button">{summary}</summary>
      <div
        className="vt-menu__content"
        onClick={(event) => event.target instanceof Element && event.target.closest('a') && close()}
        onSubmit={(event) => event.target instanceof HTMLElement && event.target.dataset['closes'] !== undefined && close()}
      >
        {children}
      </div>
    </details>
  )
}
