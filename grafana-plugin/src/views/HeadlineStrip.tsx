import type { LiveState } from '../client/liveClient.ts'
import { t } from '../text/t.ts'
import { formatDuration } from './formatDuration.ts'
import { headline } from './headline.ts'
import { Icon } from './Icon.tsx'
import { notLiveSince } from './LiveMark.tsx'
import { useLocalNow, useServerNow } from './serverClock.ts'
import type { Shape, Tone } from './states.ts'
import './HeadlineStrip.css'

const SHAPES: Record<Tone, Shape> = { success: 'tick', danger: 'cross', warning: 'loop', info: 'dot', neutral: 'ring' }

/**
 * One line under the bar: what is wrong, or, in the same room, that the page is not live. So neither moves the
 * rest of the page.
 */
export function HeadlineStrip({ live, onRetry }: { live: LiveState; onRetry: () => void }) {
  const serverNowMs = useServerNow()
  const localNowMs = useLocalNow()
  const { connection } = live
  if (connection.kind === 'stale') {
    const { lastLiveMs, retryAtMs, message } = connection
    const leftMs = retryAtMs - localNowMs
    return (
      <section aria-label={t('Summary')} className="vt-strip vt-strip--stale vt-tone-warning" data-testid="stale-banner">
        <Icon name="triangle" />
        <p className="vt-strip__text" title={message}>
          <strong>{notLiveSince(lastLiveMs)}.</strong>{' '}
          {live.loaded && lastLiveMs !== undefined && (
            <>{t('What you see is {time} old.', { time: formatDuration(localNowMs - lastLiveMs) })} </>
          )}
          {!live.loaded && <>{message} </>}
          <span className="vt-num">{leftMs > 500 ? t('Next try in {time}.', { time: formatDuration(leftMs + 500) }) : t('Trying now.')}</span>
        </p>
        <button type="button" className="vt-button" onClick={onRetry}>
          {t('Try now')}
        </button>
      </section>
    )
  }
  const { tone, text } = live.loaded
    ? headline(live.data, serverNowMs)
    : { tone: 'neutral' as const, text: t('Reading the state of all requests') }
  return (
    <section aria-label={t('Summary')} className={`vt-strip vt-tone-${tone}`}>
      <Icon name={SHAPES[tone]} />
      <p className="vt-strip__text vt-num">{text}</p>
    </section>
  )
}
