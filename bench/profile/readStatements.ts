import type postgres from 'postgres'

type Statement = { calls: number; 'ms': number; 'ms a call': number; inside: string; statement: string }

/** The costliest statements since the last reset. A statement's time holds that of those which functions in it run. */
export async function readStatements(sql: postgres.Sql, top: number): Promise<Statement[]> {
  const rows = await sql<{ calls: number; ms: number; toplevel: boolean; query: string }[]>`
    select calls::integer, total_exec_time as ms, toplevel, query from pg_stat_statements
    where query not ilike '%pg_stat_statements%'
    order by total_exec_time desc limit ${top}`
  return rows.map(({ calls, ms, toplevel, query }) => ({
    calls, 'ms': Math.round(ms), 'ms a call': Number((ms / calls).toPrecision(3)), inside: toplevel ? '' : 'a function',
    statement: query.replaceAll(/\s+/g, ' ').slice(0, 110),
  }))
}
