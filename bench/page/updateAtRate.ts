import type postgres from 'postgres'

const TURN_MS = 100

/** Changes active requests one after the other, so many a second, in a transaction each tenth of a second. */
export function updateAtRate(sql: postgres.Sql, ids: readonly string[], perSecond: number): { stop: () => Promise<number> } {
  let next = 0
  let changed = 0
  let isRunning = true
  const perTurn = Math.round((perSecond * TURN_MS) / 1000)
  async function run(): Promise<void> {
    const startMs = performance.now()
    for (let turn = 0; isRunning; turn += 1) {
      const chosen = Array.from({ length: perTurn }, () => ids[next++ % ids.length] ?? '')
      await sql`update content_requests set topic = 'Changed at ' || clock_timestamp() where id = any (${chosen}::uuid[])`
      changed += chosen.length
      const waitMs = startMs + (turn + 1) * TURN_MS - performance.now()
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
    }
  }
  const running = run()
  return {
    stop: async () => {
      isRunning = false
      await running
      return changed
    },
  }
}
