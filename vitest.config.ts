import { defineConfig } from 'vitest/config'

const db = ['**/*.db.test.ts']
const browser = ['**/*.browser.test.ts']
const ignored = ['**/node_modules/**', '**/dist/**']

/**
 * Three projects: `pure` needs nothing, `db` a Postgres (one embedded server, a fresh database a file),
 * `browser` a Chromium and the whole product.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'pure',
          include: ['**/*.test.{ts,tsx}'],
          exclude: [...db, ...browser, ...ignored],
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
    ],
  },
})
