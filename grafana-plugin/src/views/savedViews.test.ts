import fc from 'fast-check'
import { expect, it } from 'vitest'

import { NO_FILTER } from './filter.ts'
import { filterOf, NAME_LENGTH, parseViews, withView } from './savedViews.ts'

const stuck = { ...NO_FILTER, status: 'stalled' as const, narrow: { stage: 'video_generation', from: 'now-2h' } }

it('gives back the filter that was saved, over what the browser keeps', () => {
  const kept = JSON.stringify(withView([], ' Stuck in video ', stuck))
  const [view] = parseViews(kept)
  expect(view?.name).toBe('Stuck in video')
  expect(view && filterOf(view)).toEqual(stuck)
})

it('has each name once, with the filter given last', () => {
  const views = withView(withView(withView([], 'a', stuck), 'b', NO_FILTER), 'a', NO_FILTER)
  expect(views).toEqual([{ name: 'b', search: '' }, { name: 'a', search: '' }])
})

it('reads whatever stands in the browser, and keeps a bounded number of short names', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      for (const { name, search } of parseViews(text)) expect([typeof name, typeof search]).toEqual(['string', 'string'])
    }),
  )
  const many = Array.from({ length: 80 }, (_, index) => `${index} `.padEnd(100, 'x')).reduce((views, name) => withView(views, name, NO_FILTER), parseViews(null))
  expect(many.length).toBe(50)
  expect(Math.max(...many.map(({ name }) => name.length))).toBe(NAME_LENGTH)
})
