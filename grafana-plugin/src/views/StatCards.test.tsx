// @vitest-environment jsdom
import { cleanup, render, screen } from '@testing-library/react'
import fc from 'fast-check'
import { afterEach, expect, it } from 'vitest'

import { splitPercent, StatCards } from './StatCards.tsx'

afterEach(cleanup)

it('links each number to the list of what it counts', () => {
  render(
    <StatCards
      stats={{ active: 7, pending: 1, completed_today: 23, failed_today: 2, success_rate: 0.92, average_duration_seconds: 184, timezone: 'UTC' }}
      buckets={undefined}
    />,
  )
  const hrefs = screen.getAllByRole('link').map((link) => [link.textContent, link.getAttribute('href')])
  expect(hrefs).toEqual([
    ['Active71 waiting to start', '?status=active'],
    ['Completed today2392 % success rate', '?status=done&ended=today'],
    ['Failed today28 % failure rate', '?status=failed&ended=today'],
    ['Average duration3 min 4 sof those done today', '?status=done&ended=today'],
  ])
})

it('shows a dash for what is not known yet', () => {
  render(<StatCards stats={undefined} buckets={undefined} />)
  expect(screen.getAllByText('–')).toHaveLength(4)
})

it('splits a whole into two shares that add up, neither rounded away', () => {
  expect(splitPercent(0.875)).toEqual({ success: '88 %', failure: '12 %' })
  expect(splitPercent(0.9999)).toEqual({ success: '99.9 %', failure: '0.1 %' })
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (ratio) => {
      const { success, failure } = splitPercent(ratio)
      expect(Number.parseFloat(success) + Number.parseFloat(failure)).toBeCloseTo(100)
      expect([success, failure].includes('100 %')).toBe(ratio === 0 || ratio === 1)
    }),
  )
})
