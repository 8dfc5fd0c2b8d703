/** Workers that flush ten requests at a time, 30 times a second: 300 finished requests, 8,400 items a second. */
import type { Options } from 'k6/options'
import { postTold } from '../traffic/postTold.ts'
import { tellRequest } from '../traffic/tellRequest.ts'
import { openModel } from '../traffic/openModel.ts'

export { writeSummary as handleSummary } from '../traffic/writeSummary.ts'

const REQUESTS_A_FLUSH = 10

export const options: Options = {
  scenarios: { tell: openModel('tell', 30 * Number(__ENV['RATE'] ?? 1)) },
  thresholds: {
    // Nothing is refused and nothing is lost at a load that it must bear.
    http_req_failed: ['rate==0'],
    checks: ['rate==1'],
    // It kept up: k6 had no iteration to leave out for want of free users.
    dropped_iterations: ['count==0'],
    // Batches of 70 to 210 are answered after their commit; senders flush once a second, so a quarter of that is unfelt.
    'http_req_duration{endpoint:logs}': ['p(50)<50', 'p(99)<250'],
    'http_req_duration{endpoint:traces}': ['p(50)<50', 'p(99)<250'],
  },
}

export const tell = (): void => {
  postTold(Array.from({ length: REQUESTS_A_FLUSH }, () => tellRequest(Date.now() - Math.floor(Math.random() * 3_600_000))))
}
