import { useEffect, useRef } from 'react'

import { StateMark } from './StateMark.tsx'
import { STATES } from './states.ts'
import './HelpDialog.css'

const KEYS = [
  ['/', 'Search'],
  ['j', 'Next request'],
  ['k', 'Previous request'],
  ['Enter', 'Open the request'],
  ['c', 'Copy its ID'],
  ['p', 'Pause, resume'],
  ['Esc', 'Close'],
  ['?', 'This help'],
] as const

export function HelpDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (open) dialog.current?.showModal()
    else dialog.current?.close()
  }, [open])
  return (
    <dialog ref={dialog} className="vt-help" aria-labelledby="vt-help-title" onClose={onClose}>
      {open && (
        <>
          <h2 id="vt-help-title">Keys and signs</h2>
          <dl className="vt-help__keys">
            {KEYS.map(([key, meaning]) => (
              <div key={key}>
                <dt>
                  <kbd className="vt-key">{key}</kbd>
                </dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
          <ul className="vt-help__states" aria-label="States">
            {Object.values(STATES).map((look) => (
              <li key={look.word}>
                <StateMark look={look} />
              </li>
            ))}
          </ul>
          <form method="dialog">
            <button type="submit" className="vt-button">
              Close
            </button>
          </form>
        </>
      )}
    </dialog>
  )
}
