import { readPlace, writePlace } from './filter.ts'
import type { Filter } from './filter.ts'

/** A filter under a name, as the browser keeps it: by its address, which later releases read too. */
export type SavedView = { name: string; search: string }

const KEY = 'vividly.views'
export const NAME_LENGTH = 60
const MOST_VIEWS = 50

/** What the browser keeps; whatever else stands there is left out. */
export function parseViews(text: string | null): SavedView[] {
  try {
    const kept: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(kept) ? kept.filter(isSavedView).slice(0, MOST_VIEWS) : []
  } catch {
    return []
  }
}

/** Adds it at the end, or gives the view of that name another filter. */
export function withView(views: readonly SavedView[], name: string, filter: Filter): SavedView[] {
  const view = { name: name.trim().slice(0, NAME_LENGTH), search: writePlace({ filter, requestId: undefined }) }
  const others = views.filter((one) => one.name !== view.name)
  return [...others.slice(-(MOST_VIEWS - 1)), view]
}

export function filterOf({ search }: SavedView): Filter {
  return readPlace(search).filter
}

export function readViews(): SavedView[] {
  try {
    return parseViews(localStorage.getItem(KEY))
  } catch {
    return []
  }
}

/** A browser that keeps nothing shows them until the page is left. */
export function keepViews(views: readonly SavedView[]): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(views))
  } catch {
    // As said above.
  }
}

function isSavedView(value: unknown): value is SavedView {
  if (typeof value !== 'object' || value === null) return false
  const { name, search } = value as Partial<Record<keyof SavedView, unknown>>
  return typeof name === 'string' && name.trim() !== '' && typeof search === 'string'
}
