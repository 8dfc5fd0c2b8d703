import type { Connection } from '../client/liveClient.ts'
import { t } from '../text/t.ts'
import { formatClock } from './formatTime.ts'
import { Icon } from './Icon.tsx'
import './LiveMark.css'

/** ● Live · ◌ Reconnecting · ▲ Not live since 14:02:11: shape, word and tone. */
export function LiveMark({ connection, paused }: { connection: Connection; paused: boolean }) {
  const { shape, tone, text } = look(connection, paused)
  return (
    <span className={`vt-live vt-live--${shape} vt-tone-${tone}`}>
      <Icon name={shape === 'dashed' ? 'ring' : shape} size={14} />
      <span className="vt-num">{text}</span>
    </span>
  )
}

function look(connection: Connection, paused: boolean) {
  if (connection.kind === 'stale') return { shape: 'triangle', tone: 'warning', text: notLiveSince(connection.lastLiveMs) } as const
  if (connection.kind === 'reconnecting') return { shape: 'dashed', tone: 'warning', text: t('Reconnecting') } as const
  if (connection.kind === 'connecting') return { shape: 'dashed', tone: 'neutral', text: t('Connecting') } as const
  if (paused) return { shape: 'bars', tone: 'warning', text: t('Paused') } as const
  return { shape: 'dot', tone: 'success', text: t('Live') } as const
}

export function notLiveSince(lastLiveMs: number | undefined): string {
  return lastLiveMs === undefined ? t('Not live') : t('Not live since {time}', { time: formatClock(lastLiveMs, Date.now()) })
}
