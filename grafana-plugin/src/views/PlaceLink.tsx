import { createContext, useContext } from 'react'

import type { Place } from './filter.ts'
import { NO_FILTER } from './filter.ts'
import { SurroundingsContext } from './surroundings.ts'

export type Navigation = { place: Place; go: (next: Place) => void }

/** Where the reader is and how to go elsewhere; the page keeps it in the address, a panel in itself. */
export const NavigationContext = createContext<Navigation>({
  place: { filter: NO_FILTER, requestId: undefined },
  go: () => undefined,
})

type Props = {
  to: Place
  className?: string
  current?: boolean
  title?: string
  children: React.ReactNode
}

/** A real link, so that a filter can be opened in a new tab, sent and bookmarked. */
export function PlaceLink({ to, className, current = false, title, children }: Props) {
  const { go } = useContext(NavigationContext)
  const { hrefOf } = useContext(SurroundingsContext)
  return (
    <a
      href={hrefOf(to)}
      className={className}
      title={title}
      aria-current={current ? 'true' : undefined}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
        event.preventDefault()
        go(to)
      }}
    >
      {children}
    </a>
  )
}
