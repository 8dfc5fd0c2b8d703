import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSearch } from './createSearch.ts'
import { loadCorpus } from './loadCorpus.ts'

const chunks = await loadCorpus()
const search = createSearch(chunks)

test('the corpus ships 55 chunks with distinct IDs', () => {
  expect(chunks).toHaveLength(55)
  expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(55)
  expect(chunks.every((chunk) => chunk.title !== '' && chunk.text.length > 80)).toBe(true)
})

test.each([
  ['Photosynthesis in plants', 'Photosynthesis'],
  ['How do cells divide?', 'Cell division by mitosis'],
  ['Why do we have seasons', 'Seasons and the tilt of the Earth'],
  ['solving quadratic equations with the formula', 'Quadratic equations'],
  ['the French king and the revolution of 1789', 'The French Revolution'],
  ['counting in zeros and ones, binary', 'Binary numbers'],
])('%s finds "%s" first', (query, title) => {
  expect(search(query, 5)[0]?.title).toBe(title)
})

test('every chunk is the best answer to its own title', () => {
  for (const chunk of chunks) expect(search(chunk.title, 1)[0]?.id).toBe(chunk.id)
})

test('any query gives five chunks with falling scores between -1 and 1, the same each time', () => {
  fc.assert(
    fc.property(fc.string(), (query) => {
      const found = search(query, 5)
      expect(found).toHaveLength(5)
      const scores = found.map((chunk) => chunk.score)
      expect(scores).toEqual([...scores].sort((a, b) => b - a))
      expect(scores.every((score) => Math.abs(score) <= 1 + 1e-9)).toBe(true)
      expect(search(query, 5)).toEqual(found)
    }),
  )
})
