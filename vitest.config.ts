import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const db = ['**/*.db.test.ts']
const browser = ['**/*.browser.test.ts']
const programs = ['**/*.programs.test.ts']
const ignored = ['**/node_modules/**', '**/dist/**']
/** They hold promises in seconds, which are those of a machine that does nothing else: no other file runs beside them. */
const alone = ['test/live.browser.test.ts', 'tracker-api/src/frozen.db.test.ts']
const postgres = 'tracker-api/src/testing/startPostgres.ts'
const builds = 'grafana-plugin/testing/buildForBrowsers.ts'

const programsProject = {
  test: {
    name: 'programs',
    include: programs,
    exclude: ignored,
    globalSetup: [postgres],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
}

/**
 * `pure` needs nothing, `db` a Postgres (one embedded server, a fresh database a file), `browser` a Chromium and the whole
 * product, `alone` either of them and the machine for itself. A fifth, `programs`, needs what npm does not have (Go,
 * Prometheus, …) and is no part of `npm test`: `npm run test:programs` runs it.
 */
export default defineConfig({
  test: {
    // Two where there are two cores, which vitest by itself gives one: half of each waits for Postgres, Chromium and clocks.
    maxWorkers: Math.max(2, availableParallelism() - 1),
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
          exclude: [...alone, ...ignored],
          globalSetup: [postgres],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'browser',
          include: browser,
          exclude: [...alone, ...ignored],
          globalSetup: [postgres, builds],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // What is pressed while a busy machine still draws may be gone from under the pointer.
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'alone',
          include: alone,
          exclude: ignored,
          globalSetup: [postgres, builds],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      ...(process.env['TEST_PROGRAMS'] === undefined ? [] : [programsProject]),
    ],
  },
})
