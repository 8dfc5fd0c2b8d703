export type Coalescing<Item, Answer> = {
  /** Does several at once; answers each in its place. What it throws is every one's. */
  run: (items: Item[]) => Promise<PromiseSettledResult<Answer>[]>
  sizeOf: (item: Item) => number
  /** Of what is done at once; an item that is larger goes alone. */
  maxSize: number
  /** How many runs may be under way. */
  lanes: number
}

type Waiting<Item, Answer> = { item: Item; resolve: (answer: Answer) => void; reject: (error: unknown) => void }

/**
 * Does what comes at once where a lane is free, else together with all that came meanwhile: nothing ever waits for
 * company. Each item is answered when its own run has ended. A run that throws fails its items, and those that wait
 * too: whoever ran into a database that does not answer shall not have waited twice.
 */
export function coalesce<Item, Answer>(options: Coalescing<Item, Answer>): (item: Item) => Promise<Answer> {
  const { run, sizeOf, maxSize, lanes } = options
  const waiting: Waiting<Item, Answer>[] = []
  let underWay = 0

  async function start(): Promise<void> {
    const taken = take()
    underWay += 1
    try {
      const answers = await run(taken.map(({ item }) => item))
      for (const [i, { resolve, reject }] of taken.entries()) {
        const answer = answers[i]
        if (answer?.status === 'fulfilled') resolve(answer.value)
        else reject(answer?.reason)
      }
    } catch (error) {
      for (const { reject } of [...taken, ...waiting.splice(0)]) reject(error)
    } finally {
      underWay -= 1
      next()
    }
  }

  function take(): Waiting<Item, Answer>[] {
    let size = 0
    const end = waiting.findIndex(({ item }, i) => (size += sizeOf(item)) > maxSize && i > 0)
    return waiting.splice(0, end === -1 ? waiting.length : end)
  }

  function next(): void {
    if (waiting.length > 0 && underWay < lanes) void start()
  }

  return (item) => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    waiting.push({ item, resolve, reject })
    next()
    return promise
  }
}
