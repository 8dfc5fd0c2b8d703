import { expect, test } from 'vitest'
import { toBarChart } from './toBarChart.ts'

const widths = (svg: string) => [...svg.matchAll(/width="(\d+)" height="16"/g)].map(([, width]) => Number(width))

test('lengths are as the values are, and names are text', () => {
  const svg = toBarChart('A & B', 'ms', [{ label: '<one>', value: 50 }, { label: 'two', value: 100, beside: 25 }])
  expect(widths(svg)).toEqual([210, 420])
  expect(svg).toContain('&lt;one&gt;')
  expect(svg).toContain('A &amp; B')
  expect(svg).toContain('width="105" height="5"')
})

test('what differs a thousandfold is still seen', () => {
  const [small = 0, great = 0] = widths(toBarChart('', 'ms', [{ label: 'a', value: 1 }, { label: 'b', value: 1000 }]))
  expect(small).toBeGreaterThan(20)
  expect(great).toBe(420)
})
