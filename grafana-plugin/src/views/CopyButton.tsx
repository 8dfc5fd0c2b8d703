import { useEffect, useState } from 'react'

import { t } from '../text/t.ts'
import { Icon } from './Icon.tsx'
import type { IconName } from './Icon.tsx'

type Props = { text: string; label: string; icon?: IconName; children?: React.ReactNode }

/** Puts `text` on the clipboard and says so for two seconds, in the same room. */
export function CopyButton({ text, label, icon = 'copy', children }: Props) {
  const [outcome, setOutcome] = useState<'copied' | 'failed'>()
  useEffect(() => {
    if (!outcome) return undefined
    const timer = setTimeout(() => setOutcome(undefined), 2_000)
    return () => clearTimeout(timer)
  }, [outcome])

  function copy(): void {
    copyText(text).then(
      () => setOutcome('copied'),
      () => setOutcome('failed'),
    )
  }

  const said = outcome === 'copied' ? t('Copied') : outcome === 'failed' ? t('Copying is not allowed here') : label
  return (
    <button type="button" className={children ? 'vt-button' : 'vt-icon-button'} onClick={copy} aria-label={said} title={said}>
      <span className={outcome === 'copied' ? 'vt-tone-success' : outcome === 'failed' ? 'vt-tone-danger' : undefined}>
        <Icon name={outcome === 'copied' ? 'tick' : outcome === 'failed' ? 'cross' : icon} size={14} />
      </span>
      {children}
    </button>
  )
}

/** Rejects where the browser gives no clipboard, e.g. on plain HTTP away from localhost. */
export async function copyText(text: string): Promise<void> {
  if (!('clipboard' in navigator)) throw new Error('This browser gives the page no clipboard.')
  await navigator.clipboard.writeText(text)
}
