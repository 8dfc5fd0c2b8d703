import fc from 'fast-check'
import { expect, it } from 'vitest'

import { FLOW_SECTIONS } from '../../src/views/RequestFlow.tsx'
import { DEFAULT_FLOW_OPTIONS, readFlowOptions, sectionsThatFit } from './flowOptions.ts'

it('reads whatever a dashboard holds as options that it can draw, and its own answer as itself', () => {
  const stored = fc.oneof(
    fc.anything(),
    fc.record({ sections: fc.anything(), onClick: fc.anything(), variable: fc.anything() }, { requiredKeys: [] }),
  )
  fc.assert(
    fc.property(stored, (panel) => {
      const options = readFlowOptions(panel)
      expect(options.sections.every((section) => FLOW_SECTIONS.includes(section))).toBe(true)
      expect(['drawer', 'variable']).toContain(options.onClick)
      expect(options.variable).toMatch(/^\w+$/)
      expect(readFlowOptions(JSON.parse(JSON.stringify(options)))).toEqual(options)
    }),
  )
  expect(readFlowOptions(undefined)).toEqual(DEFAULT_FLOW_OPTIONS)
  expect(readFlowOptions({ sections: ['list', 'map', 'cards'], onClick: 'variable', variable: 'id' })).toEqual({
    sections: ['cards', 'list'],
    onClick: 'variable',
    variable: 'id',
  })
})

it('shows more in a larger panel and never less, from the four numbers alone on', () => {
  expect(sectionsThatFit(300, 200)).toEqual(['cards'])
  expect(sectionsThatFit(1600, 900)).toEqual(FLOW_SECTIONS)
  fc.assert(
    fc.property(fc.nat(2_000), fc.nat(2_000), fc.nat(500), (width, height, taller) => {
      const fewer = sectionsThatFit(width, height)
      expect(sectionsThatFit(width, height + taller)).toEqual(expect.arrayContaining(fewer))
    }),
  )
})
