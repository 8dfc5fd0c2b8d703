// @vitest-environment jsdom
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { renderVideo } from '../simulators/renderVideo.ts'
import { renderThumbnail } from './renderThumbnail.ts'

const parse = (svg: string) => new DOMParser().parseFromString(svg, 'image/svg+xml')

test('any topic and script give well-formed pictures without a script element', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      for (const svg of [renderThumbnail(text), renderVideo(`${text}\n\n${text}<script>alert(1)</script>`)]) {
        const document = parse(svg)
        expect(document.querySelector('parsererror')).toBeNull()
        expect(document.querySelector('script')).toBeNull()
        expect(document.documentElement.tagName).toBe('svg')
      }
    }),
    { numRuns: 50 },
  )
})
