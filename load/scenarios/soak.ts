/** An even load for as long as --duration says, hours best: memory stays where it is, and nothing gets slower. */
import http from 'k6/http'
import { Trend } from 'k6/metrics'
import type { Options } from 'k6/options'
import { openModel } from '../traffic/openModel.ts'
import { postLogs, postTold } from '../traffic/postTold.ts'
import { readAsPeopleDo } from '../traffic/readAsPeopleDo.ts'
import { beginLive } from '../traffic/tellLive.ts'
import { tellRequest } from '../traffic/tellRequest.ts'

export { writeSummary as handleSummary } from '../traffic/writeSummary.ts'

const rate = Number(__ENV['RATE'] ?? 1)
const residentMegabytes = new Trend('resident_megabytes')

export const options: Options = {
  scenarios: {
    tell: openModel('tell', 5 * rate),
    begin: openModel('begin', 5 * rate),
    read: openModel('read', 2 * rate),
    weigh: openModel('weigh', 0.2),
  },
  thresholds: {
    http_req_failed: ['rate==0'],
    checks: ['rate==1'],
    dropped_iterations: ['count==0'],
    'http_req_duration{endpoint:logs}': ['p(99)<250'],
    'http_req_duration{endpoint:list}': ['p(99)<100'],
    // Whatever the tracker keeps in memory is bounded: it fits where a small container puts its limit.
    resident_megabytes: ['max<512'],
  },
}

export const tell = (): void => postTold([tellRequest(Date.now())])
export const begin = (): void => postLogs(beginLive(Date.now()).logs)
export const read = readAsPeopleDo
export function weigh(): void {
  const { body } = http.get(`${__ENV['TRACKER_URL']}/metrics`, { tags: { name: 'metrics' }, responseType: 'text' })
  const [, bytes] = /^process_resident_memory_bytes (\S+)/m.exec(body) ?? []
  if (bytes !== undefined) residentMegabytes.add(Number(bytes) / 1e6)
}
