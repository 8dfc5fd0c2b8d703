import { check } from 'k6'
import http from 'k6/http'
import type { LogRecord, Span, ToldRequest } from './tellRequest.ts'

const tracker = __ENV['TRACKER_URL']
const resource = {
  attributes: [
    { key: 'service.name', value: { stringValue: 'content-worker' } },
    { key: 'host.name', value: { stringValue: 'worker-1' } },
    { key: 'service.instance.id', value: { stringValue: 'load' } },
  ],
}
const scope = { name: '@vividly/instrumentation' }

/** Two posts, as an SDK flushes: records, then spans. */
export function postTold(told: readonly ToldRequest[]): void {
  postLogs(told.flatMap(({ logs }) => logs))
  const spans: Span[] = told.flatMap(({ spans }) => spans)
  post('traces', { resourceSpans: [{ resource, scopeSpans: [{ scope, spans }] }] })
}

/** @param endpoint what its time counts as */
export function postLogs(logRecords: readonly LogRecord[], endpoint = 'logs'): void {
  post('logs', { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords }] }] }, endpoint)
}

function post(signal: 'logs' | 'traces', body: unknown, endpoint: string = signal): void {
  const answer = http.post(`${tracker}/v1/${signal}`, JSON.stringify(body), {
    headers: { 'content-type': 'application/json' },
    tags: { endpoint, name: endpoint },
  })
  check(answer, {
    'all was taken': ({ status, body }) => status === 200 && typeof body === 'string' && !body.includes('rejected'),
  })
}
