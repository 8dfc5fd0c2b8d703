import { useEffect, useRef } from 'react'

import { currentLanguage, LANGUAGES } from '../text/locale.ts'
import type { Language } from '../text/locale.ts'
import { msg, t } from '../text/t.ts'
import { StateMark } from './StateMark.tsx'
import { STATES } from './states.ts'
import { ZoneChoice } from './ZoneChoice.tsx'
import './HelpDialog.css'

/** Each in itself: who can't read the page finds theirs. */
const NAMES: Record<Language, string> = { en: 'English', de: 'Deutsch' }
const KEYS = [
  ['/', msg('Search')],
  ['j', msg('Next request')],
  ['k', msg('Previous request')],
  ['Enter', msg('Open the request')],
  ['c', msg('Copy its ID')],
  ['p', msg('Pause, resume')],
  ['Esc', msg('Close')],
  ['?', msg('This help')],
] as const

type Props = {
  open: boolean
  timezone: string
  onClose: () => void
  onLanguage: (language: Language) => void
  onTimezone: (zone: string | undefined) => void
}

export function HelpDialog({ open, timezone, onClose, onLanguage, onTimezone }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (open) dialog.current?.showModal()
    else dialog.current?.close()
  }, [open])
  return (
    <dialog ref={dialog} className="vt-help" aria-labelledby="vt-help-title" onClose={onClose}>
      {open && (
        <>
          <h2 id="vt-help-title">{t('Keys and signs')}</h2>
          <dl className="vt-help__keys">
            {KEYS.map(([key, meaning]) => (
              <div key={key}>
                <dt>
                  <kbd className="vt-key">{key}</kbd>
                </dt>
                <dd>{t(meaning)}</dd>
              </div>
            ))}
          </dl>
          <ul className="vt-help__states" aria-label={t('States')}>
            {Object.values(STATES).map((look) => (
              <li key={look.word}>
                <StateMark look={look} />
              </li>
            ))}
          </ul>
          <label className="vt-help__choice">
            {t('Time zone')}
            <ZoneChoice timezone={timezone} onTimezone={onTimezone} />
          </label>
          <label className="vt-help__choice">
            {t('Language')}
            <select className="vt-select" value={currentLanguage()} onChange={({ target }) => onLanguage(target.value === 'de' ? 'de' : 'en')}>
              {LANGUAGES.map((language) => (
                <option key={language} value={language} lang={language}>
                  {NAMES[language]}
                </option>
              ))}
            </select>
          </label>
          <form method="dialog">
            <button type="submit" className="vt-button">
              {t('Close')}
            </button>
          </form>
        </>
      )}
    </dialog>
  )
}
