import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const vite = fileURLToPath(new URL('../../../node_modules/vite/bin/vite.js', import.meta.url))
const plugin = fileURLToPath(new URL('../..', import.meta.url))

/** Builds the page as it is shipped: in a process of its own, for here NODE_ENV is `test`, which is another React. */
export function buildForTests(): void {
  execFileSync(process.execPath, [vite, 'build', plugin, '--logLevel', 'warn'], {
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: 'inherit',
  })
}
