import { useContext, useEffect, useState } from 'react'

import type { LiveState } from '../client/liveClient.ts'
import { formatCount } from '../text/locale.ts'
import { msg, t } from '../text/t.ts'
import { findRequestId } from './filter.ts'
import { Icon } from './Icon.tsx'
import { LiveMark } from './LiveMark.tsx'
import { NavigationContext } from './PlaceLink.tsx'
import { ZoneChoice } from './ZoneChoice.tsx'
import './Bar.css'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]
const THEME_ICONS = { system: 'system', light: 'sun', dark: 'moon' } as const
const THEME_NAMES: Record<Theme, string> = { system: msg('system'), light: msg('light'), dark: msg('dark') }
/** Each key pressed would else be a step in the history and a question to the tracker. */
const SEARCH_DELAY_MS = 250

type Props = {
  live: LiveState
  timezone: string
  theme: Theme
  /** Undefined where there is no list to search. */
  searchRef: React.Ref<HTMLInputElement> | undefined
  onTheme: (theme: Theme) => void
  onTimezone: (zone: string | undefined) => void
  onPause: (paused: boolean) => void
  onHelp: () => void
}

export function Bar({ live, timezone, theme, searchRef, onTheme, onTimezone, onPause, onHelp }: Props) {
  const paused = live.pausedAtMs !== undefined
  const nextTheme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system'
  const pauseText = !paused ? t('Pause') : live.changesHeld > 0 ? t('Resume · {count} changed', { count: formatCount(live.changesHeld) }) : t('Resume')
  return (
    <header className="vt-bar">
      <h1 className="vt-bar__name">
        <Logo />
        <span>
          Vividly <span className="vt-bar__what">{t('requests')}</span>
        </span>
      </h1>
      <LiveMark connection={live.connection} paused={paused} />
      {searchRef ? <SearchBox inputRef={searchRef} /> : <span className="vt-search" />}
      <div className="vt-bar__tools">
        <ZoneChoice className="vt-bar__zone" timezone={timezone} onTimezone={onTimezone} />
        <button type="button" className="vt-button" aria-pressed={paused} onClick={() => onPause(!paused)} title={t('Pause (p)')}>
          <Icon name={paused ? 'play' : 'pause'} />
          <span className="vt-bar__pause vt-num">{pauseText}</span>
        </button>
        <button
          type="button"
          className="vt-icon-button"
          onClick={() => onTheme(nextTheme)}
          aria-label={t('Theme: {theme}. Change to {next}', { theme: t(THEME_NAMES[theme]), next: t(THEME_NAMES[nextTheme]) })}
          title={t('Theme: {theme}', { theme: t(THEME_NAMES[theme]) })}
        >
          <Icon name={THEME_ICONS[theme]} />
        </button>
        <button type="button" className="vt-icon-button" onClick={onHelp} aria-label={t('Keyboard help')} title={t('Help (?)')}>
          <Icon name="help" />
        </button>
      </div>
    </header>
  )
}

/** Takes anything: an ID in any spelling (opened on Enter), a piece of a topic or a name. */
function SearchBox({ inputRef }: { inputRef: React.Ref<HTMLInputElement> }) {
  const { place, go } = useContext(NavigationContext)
  const [text, setText] = useState(place.filter.text)
  const [placed, setPlaced] = useState(place.filter.text)
  if (placed !== place.filter.text) {
    // The address changed elsewhere, by a card or the back button.
    setPlaced(place.filter.text)
    setText(place.filter.text)
  }

  useEffect(() => {
    if (text === place.filter.text) return undefined
    const timer = setTimeout(() => go({ ...place, filter: { ...place.filter, text } }), SEARCH_DELAY_MS)
    return () => clearTimeout(timer)
  }, [text, place, go])

  return (
    <form
      className="vt-search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault()
        const requestId = findRequestId(text)
        if (!requestId) return go({ ...place, filter: { ...place.filter, text } })
        setText('')
        go({ filter: { ...place.filter, text: '' }, requestId })
      }}
    >
      <Icon name="search" />
      <input
        ref={inputRef}
        type="search"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') {
            setText('')
            event.currentTarget.blur()
          }
        }}
        placeholder={t('Search an ID, a student, a topic')}
        aria-label={t('Search requests by ID, student or topic')}
        autoComplete="off"
        spellCheck={false}
      />
      <kbd className="vt-key" aria-hidden="true">
        /
      </kbd>
    </form>
  )
}

function Logo() {
  return (
    <svg className="vt-bar__logo" width="20" height="20" viewBox="0 0 16 16" fill="none" aria-hidden="true">
      <path d="M2 4.5h4l2 7 2-7h4" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  )
}
