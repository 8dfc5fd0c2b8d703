import { useContext, useState } from 'react'

import { t } from '../text/t.ts'
import { writePlace } from './filter.ts'
import { Icon } from './Icon.tsx'
import { Menu } from './Menu.tsx'
import { NavigationContext, PlaceLink } from './PlaceLink.tsx'
import { filterOf, keepViews, NAME_LENGTH, readViews, withView } from './savedViews.ts'
import type { SavedView } from './savedViews.ts'
import './SavedViews.css'

/** Filters under names of the reader's own, kept in this browser. */
export function SavedViews() {
  const { place } = useContext(NavigationContext)
  const [views, setViews] = useState(readViews)
  const [name, setName] = useState('')
  const here = writePlace({ ...place, requestId: undefined })
  const keep = (next: SavedView[]) => {
    setViews(next)
    keepViews(next)
  }
  return (
    <Menu className="vt-views" summary={t('Views')}>
      {views.length > 0 && (
        <ul aria-label={t('Saved views')}>
          {views.map((view) => (
            <li key={view.name}>
              <PlaceLink to={{ ...place, filter: filterOf(view) }} className="vt-menu__link" current={view.search === here}>
                <bdi>{view.name}</bdi>
              </PlaceLink>
              <button type="button" className="vt-icon-button" aria-label={t('Forget {name}', { name: view.name })} onClick={() => keep(views.filter((one) => one !== view))}>
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
        <input aria-label={t('Name of this view')} placeholder={t('Name of this view')} maxLength={NAME_LENGTH} value={name} onChange={(event) => setName(event.target.value)} />
        <button type="submit" className="vt-button">
          {t('Save')}
        </button>
      </form>
    </Menu>
  )
}
