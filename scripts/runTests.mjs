import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram } from './runProgram.mjs'

const output = join(import.meta.dirname, '../.test-output')

/** Runs vitest, its words shown. Resolves to its exit code and what it counted. */
export async function runTests(args = [], env = {}) {
  const resultFile = join(output, 'vitest.json')
  mkdirSync(output, { recursive: true })
  rmSync(resultFile, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${resultFile}`]
  const code = await runProgram(['vitest', 'run', ...reporters, ...args], env)
  return { code, ...count(resultFile) }
}

/** A file that can't be loaded counts as a test that failed, and so does a run that left no result. */
function count(resultFile) {
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
