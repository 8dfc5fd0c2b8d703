import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const main = fileURLToPath(new URL('main.ts', import.meta.url))

type Ended = { code: number | string; stdout: string; stderr: string }

function run(args: string[], env: Record<string, string>): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>()
  execFile(process.execPath, [main, ...args], { env: { PATH: process.env['PATH'], ...env } }, (error, stdout, stderr) =>
    resolve({ code: error?.code ?? 0, stdout, stderr }),
  )
  return promise
}

test('a wrong environment ends the start with code 2 and every problem', { timeout: 60_000 }, async () => {
  const { code, stdout, stderr } = await run([], { TRACKER_PORT: 'abc', DATABASE_URL: 'nonsense', LOG_LEVEL: 'loud' })
  expect(code).toBe(2)
  expect(stdout).toBe('')
  expect(stderr.trim().split('\n')).toEqual([
    'The environment is wrong; nothing was started:',
    expect.stringMatching(/^ {2}TRACKER_PORT must be /),
    expect.stringMatching(/^ {2}DATABASE_URL must look like /),
    expect.stringMatching(/^ {2}LOG_LEVEL must be one of /),
  ])
})

test('--help names every variable', { timeout: 60_000 }, async () => {
  const { code, stdout } = await run(['--help'], {})
  expect(code).toBe(0)
  const names = ['TRACKER_HOST', 'TRACKER_PORT', 'TRACKER_OTLP_PORT', 'TRACKER_DATA_DIR', 'DATABASE_URL', 'LOG_LEVEL']
  for (const name of names) expect(stdout).toContain(name)
})
