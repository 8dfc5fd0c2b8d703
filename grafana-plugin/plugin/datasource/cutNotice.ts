import type { QueryResultMeta } from '@grafana/data'

import { formatCount } from '../../src/text/locale.ts'
import { t } from '../../src/text/t.ts'

/** Says on the panel that a frame is not all there is. @param of how many there are, if that is known */
export function cutNotice(limit: number, of?: number): QueryResultMeta {
  const all = of === undefined ? t('more') : formatCount(of)
  return { notices: [{ severity: 'info', text: t('The newest {limit} of {all}: narrow the filter, or raise the limit.', { limit, all }) }] }
}
