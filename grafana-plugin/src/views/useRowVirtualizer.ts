import { useVirtualizer, useWindowVirtualizer } from '@tanstack/react-virtual'
import { createContext, useContext, useLayoutEffect, useState } from 'react'
import type { RefObject } from 'react'

/** The element that scrolls the views; null where the window does. It must not change while they are shown. */
export const ScrollPaneContext = createContext<HTMLElement | null>(null)

/** Of a row without an error; the true heights are measured. */
const ROW_HEIGHT = { comfortable: 61, compact: 37 }
const OVERSCAN = 12

/** Which of `count` rows are near what is seen, and the room that the others would take before and after them. */
export function useRowVirtualizer(list: RefObject<HTMLElement | null>, count: number, keyOf: (index: number) => string | number, compact = false) {
  const pane = useContext(ScrollPaneContext)
  const top = useTop(list, pane)
  const options = {
    count,
    estimateSize: () => (compact ? ROW_HEIGHT.compact : ROW_HEIGHT.comfortable),
    getItemKey: keyOf,
    overscan: OVERSCAN,
    scrollMargin: top,
  }
  // oxlint-disable-next-line react/incompatible-library -- nothing here is memoized by a compiler
  const inWindow = useWindowVirtualizer<HTMLLIElement>({ ...options, enabled: pane === null })
  // oxlint-disable-next-line react/incompatible-library -- as above
  const inPane = useVirtualizer<HTMLElement, HTMLLIElement>({ ...options, enabled: pane !== null, getScrollElement: () => pane })
  const virtualizer = pane === null ? inWindow : inPane
  const items = virtualizer.getVirtualItems()
  return {
    items,
    measure: virtualizer.measureElement,
    before: (items[0]?.start ?? top) - top,
    after: virtualizer.getTotalSize() - ((items.at(-1)?.end ?? top) - top),
  }
}

/** Where the list begins in what scrolls. What stands above may grow or shrink with any change, and the content with it. */
function useTop(list: RefObject<HTMLElement | null>, pane: HTMLElement | null): number {
  const [top, setTop] = useState(0)
  useLayoutEffect(() => {
    const measure = () => {
      if (!list.current) return
      const paneTop = pane === null ? -window.scrollY : pane.getBoundingClientRect().top - pane.scrollTop
      setTop(Math.round(list.current.getBoundingClientRect().top - paneTop))
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(pane?.firstElementChild ?? document.body)
    return () => observer.disconnect()
  }, [list, pane])
  return top
}
