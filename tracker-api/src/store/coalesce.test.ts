import fc from 'fast-check'
import { expect, test } from 'vitest'
import { coalesce } from './coalesce.ts'

const fulfilled = (value: number): PromiseSettledResult<number> => ({ status: 'fulfilled', value })

/** Runs that end when told to; answers are the items themselves, doubled, and 13 is refused. */
function recording(lanes: number, maxSize = 100) {
  const runs: { items: number[]; end: () => void; fail: (error: Error) => void }[] = []
  const submit = coalesce<number, number>({
    lanes,
    maxSize,
    sizeOf: (item) => item,
    run: (items) => {
      const { promise, resolve, reject } = Promise.withResolvers<PromiseSettledResult<number>[]>()
      const answer = (item: number): PromiseSettledResult<number> =>
        item === 13 ? { status: 'rejected', reason: new Error('thirteen') } : fulfilled(item * 2)
      runs.push({ items, end: () => resolve(items.map(answer)), fail: reject })
      return promise
    },
  })
  return { runs, submit }
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('the first goes at once, all that come meanwhile go together when it has ended', async () => {
  const { runs, submit } = recording(1)
  const answers = [submit(1), submit(2), submit(3)]
  expect(runs.map(({ items }) => items)).toEqual([[1]])
  runs[0]?.end()
  await expect(answers[0]).resolves.toBe(2)
  await turn()
  expect(runs.map(({ items }) => items)).toEqual([[1], [2, 3]])
  runs[1]?.end()
  await expect(Promise.all(answers)).resolves.toEqual([2, 4, 6])
})

test('no more runs than lanes, no larger than said, and what is too large goes alone', async () => {
  const { runs, submit } = recording(2, 10)
  for (const item of [1, 2, 6, 4, 1, 50, 3]) void submit(item)
  expect(runs.map(({ items }) => items)).toEqual([[1], [2]])
  for (let i = 0; i < 5; i++) {
    runs[i]?.end()
    await turn()
  }
  expect(runs.map(({ items }) => items)).toEqual([[1], [2], [6, 4], [1], [50], [3]])
})

test('a fault of one is told to that one only', async () => {
  const { runs, submit } = recording(1)
  void submit(1)
  const answers = Promise.allSettled([submit(2), submit(13), submit(3)])
  runs[0]?.end()
  await turn()
  runs[1]?.end()
  expect(await answers).toEqual([fulfilled(4), { status: 'rejected', reason: new Error('thirteen') }, fulfilled(6)])
})

test('a failure is told to its own and to those who wait, and the next is tried again', async () => {
  const { runs, submit } = recording(1)
  const first = submit(1)
  const second = submit(2)
  runs[0]?.fail(new Error('gone'))
  await expect(first).rejects.toThrow('gone')
  await expect(second).rejects.toThrow('gone')
  const third = submit(3)
  runs[1]?.end()
  await expect(third).resolves.toBe(6)
})

test('whatever comes when: each item is done once and gets its own answer', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(fc.nat(40), { maxLength: 30 }), fc.integer({ min: 1, max: 3 }), async (s, items, lanes) => {
      const done: number[] = []
      const submit = coalesce<number, number>({
        lanes,
        maxSize: 50,
        sizeOf: (item) => item,
        run: async (several) => {
          done.push(...several)
          return s.schedule(Promise.resolve(several.map((item) => fulfilled(item + 1))))
        },
      })
      const answers = Promise.all(items.map(submit))
      await s.waitFor(answers)
      expect(await answers).toEqual(items.map((item) => item + 1))
      expect(done.toSorted((a, b) => a - b)).toEqual(items.toSorted((a, b) => a - b))
    }),
  )
})
