import { useCallback, useState, useSyncExternalStore } from 'react'

import type { Place } from '../src/views/filter.ts'
import { readPlace, writePlace } from '../src/views/filter.ts'

/** Where the reader is, kept in the address: back, reload and a sent link show the same. */
export function usePlace(): [Place, (next: Place) => void] {
  const search = useSyncExternalStore(subscribe, () => window.location.search)
  const [kept, setKept] = useState({ search, place: readPlace(search) })
  let place = kept.place
  if (kept.search !== search) {
    place = readPlace(search)
    setKept({ search, place })
  }
  const go = useCallback((next: Place) => {
    const before = readPlace(window.location.search)
    const url = `${window.location.pathname}${writePlace(next)}`
    // A search is one step back, however many letters it took.
    const typing = before.filter.text !== '' && before.filter.text !== next.filter.text && before.requestId === next.requestId
    if (typing) window.history.replaceState(null, '', url)
    else if (url !== window.location.pathname + window.location.search) window.history.pushState(null, '', url)
    window.dispatchEvent(new Event('vividly:place'))
  }, [])
  return [place, go]
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('popstate', listener)
  window.addEventListener('vividly:place', listener)
  return () => {
    window.removeEventListener('popstate', listener)
    window.removeEventListener('vividly:place', listener)
  }
}
