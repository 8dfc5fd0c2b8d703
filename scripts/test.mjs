// `npm test`: installs what is missing, then every check, on the Node that package.json brings. Goes on after a
// check that fails, so that one run tells all. Ends with the plain line `N passed, N failed`.
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { ensureInstalled } from './ensureInstalled.mjs'

const root = join(import.meta.dirname, '..')
const programs = join(root, 'node_modules/.bin')
const resultFile = join(root, '.test-output/vitest.json')

await ensureInstalled()
mkdirSync(join(root, '.test-output'), { recursive: true })
rmSync(resultFile, { force: true })

const checks = []
// The page before the tests: those in the browser open the built one.
for (const [name, ...command] of [
  ['lint', 'oxlint', '--type-aware', '--deny-warnings'],
  ['type check', 'tsc', '--noEmit'],
  ['page build', 'vite', 'build', 'grafana-plugin', '--logLevel', 'warn'],
  ['tests', 'vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${resultFile}`],
]) {
  console.log(`\n── ${name}: ${command.slice(0, 2).join(' ')}`)
  const startedAt = Date.now()
  const passed = (await run(command)) === 0
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1)
  checks.push({ name, passed, seconds })
  console.log(`── ${name} ${passed ? 'passed' : 'FAILED'} in ${seconds} s`)
}

const tests = countTests()
const others = checks.slice(0, -1)
const passed = tests.passed + others.filter((check) => check.passed).length
let failed = tests.failed + others.filter((check) => !check.passed).length
// Vitest also fails for what is no test: a file that can't be loaded, an error nobody awaited.
if (failed === 0 && checks.some((check) => !check.passed)) failed = 1

console.log(`\n${checks.map((check) => `${check.name} ${check.passed ? 'passed' : 'FAILED'} (${check.seconds} s)`).join(', ')}`)
console.log(`Counted: ${tests.passed + tests.failed} tests (pure, on a real Postgres, in a real browser) and ${others.length} checks.`)
console.log('There are no other suites: nothing yet runs load tests, alert rules or a Collector.')
console.log(`${passed} passed, ${failed} failed${tests.skipped > 0 ? `, ${tests.skipped} skipped` : ''}`)
process.exit(failed === 0 ? 0 : 1)

function run([program, ...args]) {
  const child = spawn(join(programs, program), args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: `${programs}${delimiter}${process.env['PATH'] ?? ''}` },
    shell: process.platform === 'win32',
  })
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => child.kill(signal))
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(`${program} could not be run: ${error.message}`)
      resolve(1)
    })
    child.on('close', (code) => resolve(code ?? 1))
  })
}

function countTests() {
  try {
    const result = JSON.parse(readFileSync(resultFile, 'utf8'))
    const unloadable = result.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
    return {
      passed: result.numPassedTests,
      failed: result.numFailedTests + unloadable.length,
      skipped: result.numPendingTests + result.numTodoTests,
    }
  } catch {
    return { passed: 0, failed: 1, skipped: 0 }
  }
}
