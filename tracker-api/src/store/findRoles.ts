import postgres from 'postgres'

/** What the tracker works as, beside the tables' owner: see `set_up_roles`. */
export const ROLES = { ingest: 'vividly_ingest', read: 'vividly_read', tenant: 'vividly_tenant', admin: 'vividly_admin' } as const
export type Roles = typeof ROLES

/** The roles, where this login may take them; undefined where the server has none or grants them to others only. */
export async function findRoles(databaseUrl: string): Promise<Roles | undefined> {
  const sql = postgres(databaseUrl, { max: 1, connect_timeout: 5, onnotice: () => {} })
  try {
    for (const role of Object.values(ROLES)) await sql`set role ${sql(role)}`
    return ROLES
  } catch (error) {
    // 22023: no such role; 42501: not for this login.
    if (error instanceof postgres.PostgresError && ['22023', '42501'].includes(error.code)) return undefined
    throw error
  } finally {
    await sql.end({ timeout: 1 })
  }
}
