/** Twice the usual, all at once tenfold for a fifth of the time, and back: what comes is taken, and reading goes on. */
import type { Options } from 'k6/options'
import { openModel } from '../traffic/openModel.ts'
import { postTold } from '../traffic/postTold.ts'
import { rampingModel } from '../traffic/rampingModel.ts'
import { readAsPeopleDo } from '../traffic/readAsPeopleDo.ts'
import { tellRequest } from '../traffic/tellRequest.ts'

export { writeSummary as handleSummary } from '../traffic/writeSummary.ts'

const rate = Number(__ENV['RATE'] ?? 1)

export const options: Options = {
  scenarios: {
    tell: rampingModel('tell', [8, 8, 80, 80, 8, 8].map((perSecond) => perSecond * rate)),
    read: openModel('read', 2 * rate),
  },
  thresholds: {
    // Senders keep and repeat for a minute and more, but 2,200 items a second are no reason to send them away.
    http_req_failed: ['rate==0'],
    checks: ['rate==1'],
    // Inside of what senders wait before they give up (10 s), with room.
    'http_req_duration{endpoint:logs}': ['p(99)<1000'],
    'http_req_duration{endpoint:traces}': ['p(99)<1000'],
    // Readers have connections of their own: a rush of senders may slow them, not stop them.
    'http_req_duration{endpoint:list}': ['p(99)<500'],
    'http_req_duration{endpoint:dashboard}': ['p(99)<500'],
  },
}

export const tell = (): void => postTold([tellRequest(Date.now())])
export const read = readAsPeopleDo
