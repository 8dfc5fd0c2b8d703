import type { TestDataSourceResponse } from '@grafana/data'

import { ApiError } from '../../src/client/apiError.ts'
import type { MonitoringApi } from '../../src/client/monitoringApi.ts'
import { readFrames } from '../../src/client/readFrames.ts'
import { formatCount } from '../../src/text/locale.ts'
import { t } from '../../src/text/t.ts'
import type { TrackerOptions } from './trackerQuery.ts'

/** The stream greets at once; a proxy that keeps its bytes back is found by this. */
const GREETING_DEADLINE_MS = 5_000

/** What "Save & test" says: can it be read, and does the stream come through? If not: why, and what to do. */
export async function testConnection(api: MonitoringApi, { apiUrl }: TrackerOptions): Promise<TestDataSourceResponse> {
  if (!apiUrl) return wrong(t('The tracker’s URL is missing: enter where Grafana’s server reaches it, for example http://tracker:8484.'))
  try {
    const { active } = await api.getDashboard('UTC', AbortSignal.timeout(10_000))
    await hearGreeting(api)
    return { status: 'success', message: t('The tracker answers, and its stream is live. {count} requests are in flight.', { count: formatCount(active) }) }
  } catch (error) {
    return wrong(explain(error))
  }
}

async function hearGreeting(api: MonitoringApi): Promise<void> {
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(new SilentStream()), GREETING_DEADLINE_MS)
  try {
    const response = await api.openStream(undefined, 'UTC', stop.signal)
    if (response.body) {
      await readFrames(response.body, (frame) => {
        if (frame.type === 'hello') stop.abort(new Greeted())
      })
    }
    throw new SilentStream()
  } catch (error) {
    const reason = stop.signal.aborted ? stop.signal.reason : error
    if (!(reason instanceof Greeted)) throw reason
  } finally {
    clearTimeout(timer)
    if (!stop.signal.aborted) stop.abort()
  }
}

class Greeted extends Error {}
class SilentStream extends Error {}

function explain(error: unknown): string {
  if (error instanceof SilentStream) {
    return t('The tracker can be read, but its stream stays silent: a proxy between Grafana and the tracker keeps it back. Switch its buffering off (nginx: proxy_buffering off).')
  }
  if (!(error instanceof ApiError)) return t('Grafana did not reach the tracker: {error}', { error: error instanceof Error ? error.message : String(error) })
  // Grafana's proxy makes a 400 of the tracker's 401.
  if (error.status === 401 || (error.status === 400 && /authentication/i.test(error.message))) {
    return t('The tracker refused the token: enter one with the scope "read" (npm run tracker -- tokens create --name grafana --all-organizations --scopes read).')
  }
  if (error.status === 403) return t('The token may not read: it needs the scope "read".')
  if (error.status === 404) return t('Something answers under this URL, but it is no tracker: enter its URL without a path.')
  if (error.status === 502 || error.status === 504) return t('Grafana’s server does not reach the tracker under this URL: is it running, and is the address right as seen from Grafana?')
  return t('The tracker answered: {error}', { error: error.message })
}

function wrong(message: string): TestDataSourceResponse {
  return { status: 'error', message }
}
