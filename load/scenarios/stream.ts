/** A hundred people watch while 100 requests a second begin: a post each, and its way to a screen is timed. */
import type { Options } from 'k6/options'
import { openModel } from '../traffic/openModel.ts'
import { postLogs } from '../traffic/postTold.ts'
import { beginLive } from '../traffic/tellLive.ts'

export { writeSummary as handleSummary } from '../traffic/writeSummary.ts'

export const options: Options = {
  scenarios: { begin: openModel('begin', 100 * Number(__ENV['RATE'] ?? 1)) },
  thresholds: {
    http_req_failed: ['rate==0'],
    checks: ['rate==1'],
    dropped_iterations: ['count==0'],
    // A post of two records is answered after its commit, while a hundred are told of those before.
    'http_req_duration{endpoint:logs}': ['p(50)<25', 'p(99)<250'],
  },
}

export const begin = (): void => postLogs(beginLive(Date.now()).logs)
