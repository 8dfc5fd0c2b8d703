import type { Metrics } from '@vividly/tracker-api/contract'

import { formatCount } from '../text/locale.ts'
import { t } from '../text/t.ts'
import { formatDuration } from './formatDuration.ts'

export type Buckets = Metrics['buckets']
export type Figure = 'total' | 'completed' | 'failed' | 'average_duration_seconds'
export type CardTrend = {
  /** Of 24 hours, oldest first up to the hour that runs; null where nothing is known. */
  values: (number | null)[]
  /** The last whole hour, and the same one yesterday; '' until they are read. */
  lastHour: string
  yesterday: string
}

const HOUR_MS = 3_600_000
/** A figure of 24 hours, and of the last whole one beside the same one yesterday. */
export function hourOnHour(buckets: Buckets | undefined, figure: Figure, nowMs: number): CardTrend {
  if (buckets === undefined) return { values: [], lastHour: '', yesterday: '' }
  const byHour = new Map(buckets.map((bucket) => [Date.parse(bucket.hour), bucket]))
  const isCount = figure !== 'average_duration_seconds'
  const at = (hourMs: number): number | null => byHour.get(hourMs)?.[figure] ?? (isCount ? 0 : null)
  const thisMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS
  const lastMs = thisMs - HOUR_MS
  const values = Array.from({ length: 24 }, (_, index) => at(thisMs - (23 - index) * HOUR_MS))
  const say = (value: number | null): string => {
    if (value === null) return t('none')
    return isCount ? formatCount(value) : formatDuration(value * 1000)
  }
  return { values, lastHour: say(at(lastMs)), yesterday: say(at(lastMs - 24 * HOUR_MS)) }
}
