/** 10,000 requests in flight: 54 a second begin and end, and 1,000 signs of life a second come of the others. */
import type { Options } from 'k6/options'
import { openModel } from '../traffic/openModel.ts'
import { postLogs, postTold } from '../traffic/postTold.ts'
import { beginLive, heartbeat } from '../traffic/tellLive.ts'
import type { LiveRequest } from '../traffic/tellLive.ts'
import { tellRequest } from '../traffic/tellRequest.ts'

export { writeSummary as handleSummary } from '../traffic/writeSummary.ts'

const IN_FLIGHT = 10_000
/** Records of one flush of an SDK, of several requests. */
const FLUSH = 100
const rate = Number(__ENV['RATE'] ?? 1)

export const options: Options = {
  setupTimeout: '2m',
  scenarios: { end: openModel('end', 6 * rate), beat: openModel('beat', 10 * rate) },
  thresholds: {
    http_req_failed: ['rate==0'],
    checks: ['rate==1'],
    dropped_iterations: ['count==0'],
    // The load is small; its batches are answered as if there were no other.
    'http_req_duration{endpoint:logs}': ['p(50)<25', 'p(99)<250'],
  },
}

export function setup(): LiveRequest[] {
  const begun = Array.from({ length: IN_FLIGHT }, () => beginLive(Date.now() - Math.floor(Math.random() * 180_000)))
  for (let at = 0; at < IN_FLIGHT; at += FLUSH) postLogs(begun.slice(at, at + FLUSH).flatMap(({ logs }) => logs), 'first')
  return begun.map(({ live }) => live)
}
/** Nine at a time, six times a second: 54 requests, 1,500 records and spans. */
export const end = (): void => postTold(Array.from({ length: 9 }, () => tellRequest(Date.now())))
export function beat(live: LiveRequest[]): void {
  const from = Math.floor(Math.random() * (live.length - FLUSH))
  postLogs(live.slice(from, from + FLUSH).map((one) => heartbeat(one, Date.now())))
}
