/** A school day in small: few at dawn, a rush before noon, a second one, an evening; some tell, some read. */
import type { Options } from 'k6/options'
import { postLogs, postTold } from '../traffic/postTold.ts'
import { rampingModel } from '../traffic/rampingModel.ts'
import { readAsPeopleDo } from '../traffic/readAsPeopleDo.ts'
import { beginLive } from '../traffic/tellLive.ts'
import { tellRequest } from '../traffic/tellRequest.ts'

export { writeSummary as handleSummary } from '../traffic/writeSummary.ts'

const rate = Number(__ENV['RATE'] ?? 1)
const day = [1, 10, 4, 8, 1].map((perSecond) => perSecond * rate)

export const options: Options = {
  scenarios: {
    tell: rampingModel('tell', day),
    begin: rampingModel('begin', day.map((perSecond) => 2 * perSecond)),
    read: rampingModel('read', day),
  },
  thresholds: {
    http_req_failed: ['rate==0'],
    checks: ['rate==1'],
    dropped_iterations: ['count==0'],
    // The rush is far below what a core bears: nobody should feel it.
    'http_req_duration{endpoint:logs}': ['p(99)<250'],
    'http_req_duration{endpoint:traces}': ['p(99)<250'],
    'http_req_duration{endpoint:list}': ['p(99)<100'],
    'http_req_duration{endpoint:detail}': ['p(99)<100'],
    'http_req_duration{endpoint:dashboard}': ['p(99)<100'],
  },
}

export const tell = (): void => postTold([tellRequest(Date.now())])
export const begin = (): void => postLogs(beginLive(Date.now()).logs)
export const read = readAsPeopleDo
