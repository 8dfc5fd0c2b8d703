// node scripts/withNode24.mjs FILE [ARGUMENTS]: installs what is missing and runs a TypeScript file on the Node
// that package.json brings. Runs itself on whatever Node the machine has, from 20 on.
import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { ensureInstalled } from './ensureInstalled.mjs'

const root = join(import.meta.dirname, '..')
const programs = join(root, 'node_modules/.bin')
const node = join(root, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node')

await ensureInstalled()

const child = spawn(node, process.argv.slice(2), {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PATH: `${programs}${delimiter}${process.env['PATH'] ?? ''}` },
})
// We end when the child has: on Ctrl-C it is the one that has things to stop.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
// A signal to npm alone ends the shell between npm and us without a word: then we are somebody else's child.
if (process.env['npm_lifecycle_event'] !== undefined) {
  const parent = process.ppid
  setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 250).unref()
}
child.on('error', (error) => {
  console.error(`${node} could not be run: ${error.message}`)
  process.exit(1)
})
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)))
