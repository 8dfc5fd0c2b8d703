import { expect, it } from 'vitest'

import { sampleBreaker, sampleMorning, toRow } from '../../page/testing/sampleRequests.ts'
import { applyFound, emptyLiveData } from '../client/liveData.ts'
import { headline } from './headline.ts'

const NOW_MS = 1_795_000_000_000

it('answers first whether anything is wrong, where, and what goes on', () => {
  const calm = applyFound(emptyLiveData, {}, sampleMorning(NOW_MS, false).filter((one) => one.retry_count === 0).map(toRow))
  expect(headline(calm, NOW_MS)).toEqual({ tone: 'success', text: 'Nothing failed in the last hour · 4 running, 1 waiting' })

  const morning = applyFound(emptyLiveData, {}, sampleMorning(NOW_MS).map(toRow))
  expect(headline(morning, NOW_MS)).toEqual({
    tone: 'danger',
    text: '2 failed in the last hour · 1 retrying, 4 running, 1 waiting',
  })

  const breakers = new Map([['nano_banana', { row: sampleBreaker('nano_banana', 'open', NOW_MS), version: 1 }]])
  expect(headline({ ...emptyLiveData, breakers }, NOW_MS)).toEqual({
    tone: 'danger',
    text: 'Calls to nano_banana are stopped · nothing in flight',
  })
})
