/** Twenty people a second open the page while services go on telling: about 200 reads a second. */
import type { Options } from 'k6/options'
import { postTold } from '../traffic/postTold.ts'
import { readAsPeopleDo } from '../traffic/readAsPeopleDo.ts'
import { tellRequest } from '../traffic/tellRequest.ts'
import { openModel } from '../traffic/openModel.ts'

export { writeSummary as handleSummary } from '../traffic/writeSummary.ts'

const rate = Number(__ENV['RATE'] ?? 1)

export const options: Options = {
  scenarios: { tell: openModel('tell', 5 * rate), read: openModel('read', 20 * rate) },
  thresholds: {
    http_req_failed: ['rate==0'],
    checks: ['rate==1'],
    dropped_iterations: ['count==0'],
    // Whoever opens the page waits for nothing: each part is there well within one frame of sixty a second at the
    // median, and within a tenth of a second, which reads as at once, in all but one of a hundred.
    'http_req_duration{endpoint:dashboard}': ['p(50)<16', 'p(99)<100'],
    'http_req_duration{endpoint:list}': ['p(50)<16', 'p(99)<100'],
    'http_req_duration{endpoint:next_page}': ['p(50)<16', 'p(99)<100'],
    'http_req_duration{endpoint:detail}': ['p(50)<16', 'p(99)<100'],
    'http_req_duration{endpoint:events}': ['p(50)<16', 'p(99)<100'],
    'http_req_duration{endpoint:metrics}': ['p(50)<16', 'p(99)<100'],
    // Free text goes through all requests: within 150 ms.
    'http_req_duration{endpoint:search}': ['p(99)<150'],
  },
}

export function setup(): void {
  for (let batch = 0; batch < 20; batch += 1) {
    postTold(Array.from({ length: 10 }, () => tellRequest(Date.now() - Math.floor(Math.random() * 3_600_000))))
  }
}
export const tell = (): void => postTold([tellRequest(Date.now())])
export const read = readAsPeopleDo
