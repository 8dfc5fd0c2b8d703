import { expect, test } from 'vitest'
import { remembering } from './remembering.ts'

function counted(limit: number) {
  const asked: string[] = []
  const ask = remembering(limit, (text) => {
    asked.push(text)
    return text.startsWith('no') ? undefined : { text }
  })
  return { ask, asked }
}

test('an answer is computed once and handed out again, frozen', () => {
  const { ask, asked } = counted(2)
  expect(ask('a')).toBe(ask('a'))
  expect(Object.isFrozen(ask('a'))).toBe(true)
  expect(asked).toEqual(['a'])
})

test('the newest answers are kept and the oldest forgotten', () => {
  const { ask, asked } = counted(2)
  for (const text of ['a', 'b', 'c', 'd', 'e']) ask(text)
  ask('d')
  expect(asked).toEqual(['a', 'b', 'c', 'd', 'e'])
  ask('a')
  expect(asked).toEqual(['a', 'b', 'c', 'd', 'e', 'a'])
})

test('what has no answer, or is very long, takes no room', () => {
  const { ask, asked } = counted(1)
  ask('a')
  for (let index = 0; index < 5; index += 1) ask(`no ${index}`)
  ask('x'.repeat(1000))
  ask('a')
  expect(asked.filter((text) => text === 'a')).toHaveLength(1)
})
