import { useState } from 'react'

import { formatCount } from '../text/locale.ts'
import { t } from '../text/t.ts'

type Props = {
  /** What was asked, as a text; undefined where nothing is. */
  asked: string | undefined
  /** The answer is not there yet. */
  busy: boolean
  count: number
}

/** Tells a screen reader how many match, once for each question: what comes and goes after that is the summary's. */
export function MatchCount({ asked, busy, count }: Props) {
  const [said, setSaid] = useState<{ asked: string; count: number }>()
  if (asked !== undefined && !busy && said?.asked !== asked) setSaid({ asked, count })
  const text = said === undefined || said.asked !== asked ? '' : said.count === 1 ? t('1 request matches') : t('{count} requests match', { count: formatCount(said.count) })
  return (
    <p className="vt-sr-only" role="status">
      {text}
    </p>
  )
}
