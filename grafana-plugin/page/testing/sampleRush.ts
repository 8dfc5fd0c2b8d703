import type { RequestDetail } from '@vividly/tracker-api/contract'

import { sampleMorning, sampleRequest } from './sampleRequests.ts'

const TOPICS = ['Photosynthesis in plants', 'The water cycle', 'Fractions on a number line', 'Why the sky is blue', 'Volcanoes', 'The Roman Republic', 'Levers and pulleys', 'Cells under the microscope']
const STUDENTS = ['Ada Novak', 'Ben Carter', 'Chen Yu', 'Dina Haddad', 'Elif Kaya', 'Finn Larsen', 'Grace Obi', 'Hugo Martin']
/** Ages in seconds of requests in flight, and how many of each: most are where the way is longest. */
const AGES = [[0.1, 6], [1, 4], [7, 18], [26, 37], [70, 52], [118, 44], [168, 21], [185, 3]] as const

/** A busy hour behind an open breaker: some two hundred in flight, a third of them held before video generation. */
export function sampleRush(nowMs: number): RequestDetail[] {
  const requests = sampleMorning(nowMs)
  let index = 100
  const add = (ageS: number, more: object = {}) => {
    const topic = TOPICS[index % TOPICS.length] ?? ''
    const student = STUDENTS[(index * 3) % STUDENTS.length] ?? ''
    requests.push(sampleRequest({ index, nowMs, ageS, topic, student, foreseen: true, ...more }))
    index += 1
  }
  for (const [ageS, count] of AGES) {
    for (let one = 0; one < count; one += 1) {
      const isHeld = ageS > 50 && ageS < 150 && one % 2 === 0
      add(ageS + one * 0.11, isHeld ? { retriedStage: 'video_generation', stoppedBy: 'nano_banana', error: 'Nano Banana circuit breaker is open' } : {})
    }
  }
  // As many an hour as the trends tell.
  for (let one = 0; one < 400; one += 1) {
    const endedAgoS = 2_200 + one * 72
    if (one % 67 === 66) add(endedAgoS + 90, { outcome: 'failed', endedAgoS, failedStage: 'video_generation', error: 'Nano Banana answered 504 Gateway Timeout four times' })
    else add(endedAgoS + 195 - (one % 7), { outcome: 'completed', endedAgoS })
  }
  return requests
}
