// `npm run test:programs`: the tests that take programs which npm does not have. They get them by themselves, into
// .cache/, which the first time takes minutes. Arguments go to vitest, a filter for files say.
import { ensureInstalled } from './ensureInstalled.mjs'
import { runTests } from './runTests.mjs'

if (process.argv.includes('--help')) {
  console.log('npm run test:programs [-- <file filter>]\nRuns **/*.programs.test.ts with the real programs; gets those by itself.')
  process.exit(0)
}
await ensureInstalled()
const { code, passed, failed, skipped } = await runTests(['--project', 'programs', ...process.argv.slice(2)], { TEST_PROGRAMS: '1' })
console.log(`${passed} passed, ${code === 0 ? failed : Math.max(failed, 1)} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exit(code === 0 ? 0 : 1)
