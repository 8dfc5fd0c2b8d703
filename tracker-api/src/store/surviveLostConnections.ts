import type { Logger } from '../logger.ts'

/**
 * Keeps the process when a connection to Postgres is lost in its first moments. Opened for `reserve()`, postgres.js 3.4.9 asks it
 * for the types of arrays by a query of its own, and nobody can catch what becomes of that; whoever reserves has a deadline.
 * Any other rejection that nobody awaited ends the process, as ever.
 */
export function surviveLostConnections(log: Pick<Logger, 'warn'>): void {
  process.on('unhandledRejection', (reason) => {
    if (!isLostWhileOpening(reason)) throw reason
    log.warn({ err: reason }, 'a connection to Postgres was lost while it was opened')
  })
}

function isLostWhileOpening(reason: unknown): boolean {
  if (!(reason instanceof Error)) return false
  const { code, query } = reason as Error & { code?: unknown; query?: unknown }
  return typeof code === 'string' && code.startsWith('CONNECTION_') && typeof query === 'string' && query.includes('pg_catalog.pg_type')
}
