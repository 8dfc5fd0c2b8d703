/** A hundred people watch while 200 requests a second begin: a post each, and its way to one of them is timed. */
import { check } from 'k6'
import http from 'k6/http'
import { Trend } from 'k6/metrics'
import type { Options } from 'k6/options'
import { openModel } from '../traffic/openModel.ts'
import { postLogs } from '../traffic/postTold.ts'
import { beginLive } from '../traffic/tellLive.ts'

export { writeSummary as handleSummary } from '../traffic/writeSummary.ts'

/** From sending a post to its bytes at a listener: what `npm run load` listens with tells the second moment. */
const changeToClient = new Trend('change_to_client', true)

export const options: Options = {
  scenarios: { begin: openModel('begin', 200 * Number(__ENV['RATE'] ?? 1)) },
  thresholds: {
    http_req_failed: ['rate==0'],
    checks: ['rate==1'],
    dropped_iterations: ['count==0'],
    // What is asked for on one screen is seen on another as if at once, with room for the browser's drawing. A quiet
    // machine does far better, which `npm run bench:stream` holds.
    change_to_client: ['p(50)<60', 'p(99)<250'],
    // A post of two records is answered after its commit, while a hundred are told of those before.
    'http_req_duration{endpoint:logs}': ['p(50)<25', 'p(99)<250'],
  },
}

export function begin(): void {
  const { live, logs } = beginLive(Date.now())
  const sentMs = Date.now()
  postLogs(logs)
  const heard = http.get(`${__ENV['EAR_URL']}/${live.correlationId}`, { responseType: 'text', tags: { name: 'ear' } })
  if (check(heard, { 'the change was heard': ({ status }) => status === 200 })) changeToClient.add(Number(heard.body) - sentMs)
}
