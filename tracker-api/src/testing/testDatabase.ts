import { randomBytes } from 'node:crypto'
import postgres from 'postgres'
import { beforeEach, inject } from 'vitest'

/** Migrated once a run; every test file gets a copy of it. */
const templateDatabase = 'vividly_template'
const prefix = 'vividly_test_'

export interface TestDatabase {
  url: string
  sql: postgres.Sql
  /** Ends `sql` and drops the database; after a failed test the database stays and its place is printed. */
  drop: () => Promise<void>
}

let failedTest: string | undefined
beforeEach(({ task, onTestFailed }) => {
  onTestFailed(() => {
    failedTest ??= task.name
  })
})

/**
 * A migrated, empty database for one test file, on the run's real Postgres: call it in `beforeAll`, and `drop`
 * in `afterAll`. Pass `template0` for a database without our schema. The file belongs to a vitest project whose
 * global setup is `startPostgres.ts`.
 */
export async function createTestDatabase(template = templateDatabase, maxConnections = 4): Promise<TestDatabase> {
  const name = `${prefix}${randomBytes(6).toString('hex')}`
  const url = databaseUrlOf(name)
  await onServer((admin) => admin`create database ${admin(name)} template ${admin(template)}`)
  const sql = postgres(url, { max: maxConnections, onnotice: () => {} })
  return {
    url,
    sql,
    drop: async () => {
      await sql.end({ timeout: 5 })
      if (failedTest === undefined) {
        await onServer((admin) => admin`drop database ${admin(name)} with (force)`)
      } else {
        const dir = inject('testServerDir')
        console.error(`"${failedTest}" failed; its database ${name} is kept: npm run postgres -- ${dir}/data ${name}`)
      }
    },
  }
}

async function onServer(statement: (admin: postgres.Sql) => Promise<unknown>): Promise<void> {
  const admin = postgres(inject('testServerUrl'), { max: 1, onnotice: () => {} })
  try {
    await statement(admin)
  } finally {
    await admin.end({ timeout: 5 })
  }
}

function databaseUrlOf(name: string): string {
  const url = new URL(inject('testServerUrl'))
  url.pathname = name
  return url.href
}
