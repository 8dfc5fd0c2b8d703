import { defineConfig } from 'vitest/config'

const db = ['**/*.db.test.ts']
const browser = ['**/*.browser.test.ts']
const programs = ['**/*.programs.test.ts']
const ignored = ['**/node_modules/**', '**/dist/**']

const programsProject = {
  test: {
    name: 'programs',
    include: programs,
    exclude: ignored,
    globalSetup: ['tracker-api/src/testing/startPostgres.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
}

/**
 * `pure` needs nothing, `db` a Postgres (one embedded server, a fresh database a file),
 * `browser` a Chromium and the whole product. A fourth, `programs`, needs what npm does not have (Go, Prometheus, …) and
 * is no part of `npm test`: `npm run test:programs` runs it.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'pure',
          include: ['**/*.test.{ts,tsx}'],
          exclude: [...db, ...browser, ...programs, ...ignored],
        },
      },
      {
        test: {
          name: 'db',
          include: db,
          exclude: ignored,
          globalSetup: ['tracker-api/src/testing/startPostgres.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'browser',
          include: browser,
          exclude: ignored,
          globalSetup: ['tracker-api/src/testing/startPostgres.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      ...(process.env['TEST_PROGRAMS'] === undefined ? [] : [programsProject]),
    ],
  },
})
