/**
 * `npm run test:schemathesis`: asks every call of the OpenAPI document in a thousand odd ways (Schemathesis) and ends
 * with `N passed, N failed`. pip gets Schemathesis into node_modules/.cache: the first time it needs a network.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createOpenApi } from '@vividly/tracker-api/openApi'
import { startTracker } from '@vividly/tracker-api/startTracker'
import { correlationIdOf, sendExample } from './schemathesis/sendExample.ts'

const VERSION = '4.32.5'
const venv = join(import.meta.dirname, `../node_modules/.cache/schemathesis-${VERSION}`)
const program = join(venv, 'bin/schemathesis')
/** The stream never ends by itself; its own tests follow it. */
const excluded = '/api/v1/monitoring/stream'
/** That all that fits is accepted: no schema can say which cursor is ours, or that `from` is before `to`. */
const unsayable = 'positive_data_acceptance'

async function run(command: string, args: string[], onLine: (line: string) => void): Promise<number> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  for await (const line of createInterface({ input: child.stdout })) onLine(line)
  const [code] = (await exited) as [number | null]
  return code ?? 1
}

async function install(): Promise<void> {
  if (await access(program).then(() => true, () => false)) return
  console.log(`getting schemathesis ${VERSION} …`)
  for (const [command, ...args] of [
    ['python3', '-m', 'venv', venv],
    [join(venv, 'bin/pip'), 'install', '--quiet', '--disable-pip-version-check', `schemathesis==${VERSION}`],
  ] as const) {
    const code = await run(command, args, console.log)
    if (code === 0) continue
    await rm(venv, { recursive: true, force: true })
    throw new Error(`${command} ${args.join(' ')} ended with ${code}: it takes Python 3.10 or later with venv, and the first time a network`)
  }
}

await install()
const dir = await mkdtemp(join(tmpdir(), 'vividly-schemathesis-'))
await chmod(dir, 0o755)
const tracker = await startTracker({
  host: '127.0.0.1', port: 0, otlpPort: undefined, dataDir: join(dir, 'data'), databaseUrl: undefined, logLevel: 'error',
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void tracker.stop().finally(() => process.exit(1)))
let code = 1
let counts = { passed: 0, failed: 0 }
try {
  const correlationId = correlationIdOf(Date.now() - 60_000)
  await sendExample(tracker.url, correlationId)
  const document = JSON.stringify(createOpenApi()).replaceAll('vvd_1709234567890_a1b2c3d4', correlationId)
  await writeFile(join(dir, 'openapi.json'), document)
  const args = ['run', join(dir, 'openapi.json'), '--url', tracker.url, '--exclude-path', excluded, '--checks', 'all',
    '--exclude-checks', unsayable, '--max-examples', process.env['SCHEMATHESIS_EXAMPLES'] ?? '100', '--generation-database', 'none', '--no-color']
  code = await run(program, args, (line) => {
    console.log(line)
    const [, asked, failed = '0'] = /(\d+) generated(?:, (\d+) found)?/.exec(line) ?? []
    if (asked !== undefined) counts = { passed: Number(asked) - Number(failed), failed: Number(failed) }
  })
} finally {
  await tracker.stop()
  await rm(dir, { recursive: true, force: true })
}
if (code !== 0 && counts.failed === 0) counts.failed = 1
console.log(`${counts.passed} passed, ${counts.failed} failed`)
process.exit(code)
