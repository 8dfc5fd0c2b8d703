import { setTimeZone } from '../../src/text/locale.ts'

/**
 * Shows all times in the dashboard's zone: `browser`, `utc` or an IANA name. To be called while a panel is drawn; a
 * dashboard has one zone, and whoever changes it has all panels drawn anew.
 */
export function takeZone(zone: string): void {
  setTimeZone(zone === 'browser' || zone === '' ? undefined : zone === 'utc' ? 'UTC' : zone)
}
