import { useState } from 'react'

export type Density = 'comfortable' | 'compact'

const KEY = 'vividly.density'

/** How close rows stand, kept in this browser. */
export function useDensity(): [Density, (next: Density) => void] {
  const [density, setDensity] = useState(readDensity)
  return [
    density,
    (next) => {
      setDensity(next)
      try {
        localStorage.setItem(KEY, next)
      } catch {
        // A browser that keeps nothing shows the choice until the page is left.
      }
    },
  ]
}

function readDensity(): Density {
  try {
    return localStorage.getItem(KEY) === 'compact' ? 'compact' : 'comfortable'
  } catch {
    return 'comfortable'
  }
}
