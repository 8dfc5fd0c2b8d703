/** Ten seconds of everything at a small rate: that the load tests themselves work, and nothing fails. */
import { check } from 'k6'
import http from 'k6/http'
import type { Options } from 'k6/options'
import { postTold } from '../traffic/postTold.ts'
import { readAsPeopleDo } from '../traffic/readAsPeopleDo.ts'
import { tellRequest } from '../traffic/tellRequest.ts'
import { openModel } from '../traffic/openModel.ts'

export { writeSummary as handleSummary } from '../traffic/writeSummary.ts'

export const options: Options = {
  discardResponseBodies: false,
  scenarios: { tell: openModel('tell', 5, '10s'), read: openModel('read', 2, '10s') },
  thresholds: {
    // No call fails: what is answered 4xx or 5xx under a small load is a bug.
    http_req_failed: ['rate==0'],
    // All that was told was taken, and every answer is good.
    checks: ['rate==1'],
    // The deadline of a statement, far above what a quiet machine takes (some ms): a busy one must not fail CI,
    // a tracker that hangs must.
    'http_req_duration{endpoint:logs}': ['p(95)<2500'],
    'http_req_duration{endpoint:traces}': ['p(95)<2500'],
    'http_req_duration{endpoint:list}': ['p(95)<2500'],
    'http_req_duration{endpoint:detail}': ['p(95)<2500'],
    'http_req_duration{endpoint:dashboard}': ['p(95)<2500'],
  },
}

export function tell(): void {
  const told = tellRequest(Date.now())
  postTold([told])
  const answer = http.get(`${__ENV['TRACKER_URL']}/api/v1/monitoring/requests/${told.correlationId}`, { tags: { name: 'told' } })
  check(answer, { 'what was told is shown': ({ status }) => status === 200 && answer.json('status') === 'completed' })
}
export const read = readAsPeopleDo
