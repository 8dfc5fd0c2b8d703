import { useContext, useRef, useState } from 'react'

import { writePlace } from './filter.ts'
import { Icon } from './Icon.tsx'
import { NavigationContext, PlaceLink } from './PlaceLink.tsx'
import { filterOf, keepViews, NAME_LENGTH, readViews, withView } from './savedViews.ts'
import type { SavedView } from './savedViews.ts'
import './SavedViews.css'

/** Filters under names of the reader's own, kept in this browser. */
export function SavedViews() {
  const { place } = useContext(NavigationContext)
  const [views, setViews] = useState(readViews)
  const [name, setName] = useState('')
  const fold = useRef<HTMLDetailsElement>(null)
  const here = writePlace({ ...place, requestId: undefined })
  const keep = (next: SavedView[]) => {
    setViews(next)
    keepViews(next)
  }
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key !== 'Escape' || !fold.current?.open) return
    // Else the request beside the list would close too.
    event.stopPropagation()
    fold.current.open = false
    fold.current.querySelector('summary')?.focus()
  }
  return (
    <details ref={fold} className="vt-views" onKeyDown={onKeyDown}>
      <summary className="vt-button">Views</summary>
      <div className="vt-views__menu">
        {views.length > 0 && (
          <ul aria-label="Saved views">
            {views.map((view) => (
              <li key={view.name}>
                <PlaceLink to={{ ...place, filter: filterOf(view) }} className="vt-views__link" current={view.search === here}>
                  <bdi>{view.name}</bdi>
                </PlaceLink>
                <button type="button" className="vt-icon-button" aria-label={`Forget ${view.name}`} onClick={() => keep(views.filter((one) => one !== view))}>
                  <Icon name="close" size={12} />
                </button>
              </li>
            ))}
          </ul>
        )}
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (name.trim() === '') return
            keep(withView(views, name, place.filter))
            setName('')
          }}
        >
          <input aria-label="Name of this view" placeholder="Name of this view" maxLength={NAME_LENGTH} value={name} onChange={(event) => setName(event.target.value)} />
          <button type="submit" className="vt-button">
            Save
          </button>
        </form>
      </div>
    </details>
  )
}
