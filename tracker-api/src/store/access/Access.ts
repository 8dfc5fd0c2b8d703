/**
 * What a token allows. Terms:
 * - `ingest`: send signals. `read`: read requests and figures. `read_personal`: see names of students as well.
 *   `admin`: all of it, of whatever comes.
 * - organization: the only one that its holder reads and writes.
 */
export const SCOPES = ['ingest', 'read', 'read_personal', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

export type Access = {
  tokenId: string
  /** Undefined: all. */
  organization: string | undefined
  scopes: readonly Scope[]
}

export function allows({ scopes }: Access, scope: Scope): boolean {
  return scopes.includes(scope) || scopes.includes('admin')
}
