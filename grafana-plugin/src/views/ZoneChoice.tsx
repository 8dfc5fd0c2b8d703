import { useMemo } from 'react'

import { t } from '../text/t.ts'

type Props = {
  timezone: string
  /** Undefined: the browser's own. */
  onTimezone: (zone: string | undefined) => void
  className?: string
}

/** The one zone of all times on the screen; a native list, which takes typing and has room on a phone. */
export function ZoneChoice({ timezone, onTimezone, className = '' }: Props) {
  const own = new Intl.DateTimeFormat().resolvedOptions().timeZone
  const others = useMemo(() => Intl.supportedValuesOf('timeZone').filter((zone) => zone !== own && zone !== 'UTC'), [own])
  const name = (zone: string) => zone.replaceAll('_', ' ')
  return (
    <select
      className={`vt-select ${className}`}
      aria-label={t('Time zone')}
      title={t('All times are in this zone')}
      value={timezone}
      onChange={({ target }) => onTimezone(target.value === own ? undefined : target.value)}
    >
      <option value={own}>{name(own)}</option>
      {own !== 'UTC' && <option value="UTC">UTC</option>}
      {others.map((zone) => (
        <option key={zone} value={zone}>
          {name(zone)}
        </option>
      ))}
    </select>
  )
}
