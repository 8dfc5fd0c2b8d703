import { expect, it } from 'vitest'

import { NO_FILTER } from '../../src/views/filter.ts'
import { interpolate, readQuery, toFilter } from './trackerQuery.ts'

it('asks for requests, live, where a dashboard says nothing that it knows', () => {
  expect(readQuery({ refId: 'A' })).toMatchObject({ queryType: 'requests', live: true })
  expect(readQuery({ refId: 'A', queryType: 'nonsense' as never, live: false })).toMatchObject({ queryType: 'requests', live: false })
})

it('replaces variables in every text, and narrows by none that stands for all its values', () => {
  const values: Record<string, string> = { $region: 'north', $stage: '', $id: 'vvd_1' }
  const query = interpolate(
    { refId: 'A', text: 'cell $region', requestId: '$id', breaker: '$region', narrow: { organization: '$region', stage: '$stage' } },
    (text) => text.replaceAll(/\$\w+/g, (name) => values[name] ?? name),
  )
  expect(query).toMatchObject({ text: 'cell north', requestId: 'vvd_1', breaker: 'north' })
  expect(toFilter(query)).toEqual({ ...NO_FILTER, text: 'cell north', narrow: { organization: 'north' } })
})
