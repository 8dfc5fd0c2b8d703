import postgres from 'postgres'

/**
 * Derives every kept request again from its claims and stages, and makes the figures of all kept hours anew. Safe while
 * services send: it locks a thousand requests at a time. `onBatch` hears after each how many are made. Returns how many
 * batches and hours it made.
 */
export async function rebuild(
  databaseUrl: string,
  onBatch: (batches: number) => void = () => {},
): Promise<{ batches: number; hours: number }> {
  const sql = postgres(databaseUrl, {
    max: 1,
    connect_timeout: 2,
    onnotice: () => {},
    connection: { application_name: 'vividly-rebuild', statement_timeout: 60_000, TimeZone: 'UTC' },
  })
  try {
    let batches = 0
    for (let after = await rebuildAfter(sql, null); after !== null; after = await rebuildAfter(sql, after)) {
      batches++
      onBatch(batches)
    }
    let hours = 0
    for (let made = 24; made > 0; hours += made) {
      const [row] = await sql<{ made: number }[]>`select refresh_request_metrics() as made`
      made = row?.made ?? 0
    }
    return { batches, hours }
  } finally {
    await sql.end({ timeout: 1 })
  }
}

async function rebuildAfter(sql: postgres.Sql, after: string | null): Promise<string | null> {
  const [row] = await sql<{ last: string | null }[]>`select rebuild_requests(${after}::uuid) as last`
  return row?.last ?? null
}
