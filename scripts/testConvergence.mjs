// `npm run test:convergence`: ten thousand generated histories against the reference model, in any order and encoding.
import { parseArgs } from 'node:util'
import { ensureInstalled } from './ensureInstalled.mjs'
import { runTests } from './runTests.mjs'

const { values } = parseArgs({
  options: { histories: { type: 'string', default: '10000' }, seed: { type: 'string' }, help: { type: 'boolean' } },
})
if (values.help) {
  console.log(
    'npm run test:convergence [-- --histories 10000] [--seed <number>]\nTells generated histories to a tracker in any order, twice and in either encoding, and compares what it shows with a\nsmall reference model. Prints the seed, with which the same comes again.',
  )
  process.exit(0)
}
await ensureInstalled()
const env = { HISTORIES: values.histories, ...(values.seed !== undefined && { SEED: values.seed }) }
const { code } = await runTests(['--project', 'db', 'test/convergence'], env)
process.exit(code === 0 ? 0 : 1)
