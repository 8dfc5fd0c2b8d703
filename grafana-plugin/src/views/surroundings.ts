import type { RequestDetail } from '@vividly/tracker-api/contract'
import { createContext } from 'react'

import type { Place } from './filter.ts'
import { NO_FILTER, writePlace } from './filter.ts'

export type OutsideLink = { label: string; href: string }

/** What only the host of the views knows: the page, a Grafana panel, Grafana's page of the app. */
export type Surroundings = {
  /** Where the tracker's API is reached from here, without a slash at the end. */
  trackerUrl: () => string
  /** The address that shows this place to somebody else, whole or relative to the host's own. */
  hrefOf: (place: Place) => string
  /** Where else there is more about a request: its trace, its logs. */
  linksFor: (request: RequestDetail) => readonly OutsideLink[]
}

export const SurroundingsContext = createContext<Surroundings>({
  trackerUrl: () => window.location.origin,
  hrefOf: (place) => writePlace(place) || '?',
  linksFor: () => [],
})

/** The whole address of one request alone. */
export function addressOf({ hrefOf }: Surroundings, requestId: string): string {
  return new URL(hrefOf({ filter: NO_FILTER, requestId }), window.location.href).href
}
