import { useEffect, useRef, useState } from 'react'

import type { LiveState } from '../client/liveClient.ts'
import { headline } from './headline.ts'
import { notLiveSince } from './LiveMark.tsx'

const SUMMARY_INTERVAL_MS = 10_000

/** Tells a screen reader what changed: the connection at once, a summary at most each 10 s, never each row. */
export function Announcer({ live }: { live: LiveState }) {
  const [summary, setSummary] = useState('')
  const latest = useRef(live)
  useEffect(() => {
    latest.current = live
  })
  useEffect(() => {
    const timer = setInterval(() => {
      const { data, loaded, clockOffsetMs } = latest.current
      if (loaded) setSummary(headline(data, Date.now() + clockOffsetMs).text)
    }, SUMMARY_INTERVAL_MS)
    return () => clearInterval(timer)
  }, [])
  const { connection } = live
  const text = connection.kind === 'stale' ? notLiveSince(connection.lastLiveMs) : summary
  return (
    <p className="vt-sr-only" role="status" aria-live="polite">
      {text}
    </p>
  )
}
