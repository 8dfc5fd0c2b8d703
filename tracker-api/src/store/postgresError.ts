import postgres from 'postgres'

/** SQLSTATE of an error that Postgres sent, else ''. */
export function sqlState(error: unknown): string {
  return error instanceof postgres.PostgresError ? error.code : ''
}

/** No partition holds the row: ours to make. A broken check has the same SQLSTATE, but names its constraint. */
export function isMissingPartition(error: unknown): boolean {
  return error instanceof postgres.PostgresError && error.code === '23514' && error.constraint_name === undefined
}

/** What was sent can't be stored: data exception, integrity violation, program limit. Trying again changes nothing. */
export function isDataFault(error: unknown): boolean {
  return /^(22|23|54)/.test(sqlState(error)) && !isMissingPartition(error)
}

/** Serialization failure or deadlock: another writer won, the next try succeeds. */
export function isTransient(error: unknown): boolean {
  return ['40001', '40P01'].includes(sqlState(error)) || isMissingPartition(error)
}

/** Somebody keeps a lock for longer than we wait for one. */
export function isLockTimeout(error: unknown): boolean {
  return sqlState(error) === '55P03'
}
