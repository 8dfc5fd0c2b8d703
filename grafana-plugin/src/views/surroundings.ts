import type { RequestDetail } from '@vividly/tracker-api/contract'
import { createContext } from 'react'

import { msg } from '../text/t.ts'
import type { Place } from './filter.ts'
import { NO_FILTER, writePlace } from './filter.ts'

/** `label` is English: it goes through `t` where it is drawn. */
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
  linksFor: ({ links }) => [
    ...(links.trace === null ? [] : [{ label: msg('Trace'), href: links.trace }]),
    ...(links.logs === null ? [] : [{ label: msg('Logs'), href: links.logs }]),
  ],
})

/** The whole address of one request, without the list beside it. */
export function addressOf({ hrefOf }: Surroundings, requestId: string): string {
  return new URL(hrefOf({ filter: NO_FILTER, requestId, alone: true }), window.location.href).href
}
