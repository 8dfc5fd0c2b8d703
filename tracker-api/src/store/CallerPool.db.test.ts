import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest'
import { openWay } from '../testing/openWay.ts'
import { inOrganization } from './access/inOrganization.ts'
import { CallerPool } from './CallerPool.ts'
import { Pool } from './Pool.ts'

/** Each answer of Postgres comes this much later. */
const LATER_MS = 350
const stray = vi.fn()

let way: Awaited<ReturnType<typeof openWay>>
beforeAll(async () => {
  process.on('unhandledRejection', stray)
  way = await openWay(inject('testServerUrl'), { answered: (bytes, to) => void setTimeout(() => to.write(bytes), LATER_MS) })
})
afterAll(() => {
  process.off('unhandledRejection', stray)
  way.close()
})

test('closing waits for a connection that is being opened, and leaves no rejection that nobody could await', async () => {
  const options = { name: 'test', maxConnections: 1, statementTimeoutMs: 5_000, deadlineMs: 8_000 }
  const all = new Pool(way.url, options)
  const pool = new CallerPool(way.url, options, all)
  const asked = inOrganization('north', () => pool.run('asking', (sql) => sql`select 1 as one`)).catch(() => undefined)
  await new Promise((resolve) => setTimeout(resolve, LATER_MS))
  await Promise.all([pool.close(), all.close()])
  await asked
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(stray).not.toHaveBeenCalled()
})
