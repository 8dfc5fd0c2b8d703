import type { CircuitBreaker } from '@vividly/tracker-api/contract'
import { useCallback } from 'react'

import type { MonitoringApi } from '../client/monitoringApi.ts'
import { formatCount } from '../text/locale.ts'
import { t } from '../text/t.ts'
import { Moment } from './Moment.tsx'
import { StateMark } from './StateMark.tsx'
import { BREAKERS } from './states.ts'
import { usePolled } from './usePolled.ts'

const INTERVAL_MS = 15_000

/** How a breaker came to its state: its last changes in every process, and each process now. */
export function BreakerHistory({ api, breaker }: { api: MonitoringApi; breaker: CircuitBreaker }) {
  const { name, instances } = breaker
  const ask = useCallback((signal: AbortSignal) => api.getBreakerHistory(name, signal), [api, name])
  const { answer, error } = usePolled(ask, INTERVAL_MS, true)
  return (
    <div className="vt-breaker__history">
      <ul className="vt-num" aria-label={t('{name} in each process', { name })}>
        {instances.map((instance) => (
          <li key={`${instance.service} ${instance.instance_id}`}>
            <StateMark look={BREAKERS[instance.state]} /> <bdi>{instance.service}</bdi>{' '}
            <span className="vt-muted">
              {t('{calls} calls · {failures} failed', { calls: formatCount(instance.calls), failures: formatCount(instance.failures) })}
            </span>
          </li>
        ))}
      </ul>
      {error && <p className="vt-tone-danger">{t('Its history could not be read: {error}', { error })}</p>}
      {answer?.items.length === 0 && <p className="vt-muted">{t('No change was told.')}</p>}
      <ol aria-label={t('Changes of {name}, newest first', { name })}>
        {answer?.items.map((change) => (
          <li key={`${change.changed_at} ${change.instance_id} ${change.state}`}>
            <StateMark look={BREAKERS[change.state]} /> <Moment at={change.changed_at} />{' '}
            <bdi className="vt-muted">{change.service}</bdi>
          </li>
        ))}
      </ol>
    </div>
  )
}
