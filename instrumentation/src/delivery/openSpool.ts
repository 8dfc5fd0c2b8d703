import { warn } from '../warnOnce.ts'
import { openSpoolFolder } from './openSpoolFolder.ts'
import type { SpoolOptions } from './Spool.ts'

/** `undefined`, after one warning, where the disk says no: telemetry is then kept in memory only. */
export function openSpool(
  dir: string,
  service: string,
  maxBytes: number,
): Omit<SpoolOptions, 'lose'> | undefined {
  try {
    return { ...openSpoolFolder(dir, service, Date.now()), maxBytes }
  } catch (error) {
    warn(`no spool can be had in ${JSON.stringify(dir)}; telemetry is kept in memory only.`, error)
    return undefined
  }
}
