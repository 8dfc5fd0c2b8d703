import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import process from 'node:process'
import { expect, test } from 'vitest'

const program = `
  import { RequestTracker, startInstrumentation } from ${JSON.stringify(new URL('index.ts', import.meta.url).href)}
  if (process.env.SET_UP) startInstrumentation()
  const tracker = new RequestTracker()
  for (let count = 0; count < 3; count += 1) {
    const { correlationId } = tracker.createRequest({ studentId: 's', topic: 't' })
    console.log(await tracker.trackStage(correlationId, 'validation', () => 'done'))
  }`
const run = (env: Record<string, string>) =>
  promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { env: { PATH: process.env['PATH'], OTEL_LOG_LEVEL: 'NONE', ...env } })

test('a service that forgot the set-up works, and is told once what to do', async () => {
  const { stdout, stderr } = await run({})
  expect(stdout).toBe('done\ndone\ndone\n')
  expect(stderr.match(/VIVIDLY_NOT_SET_UP/g)).toHaveLength(1)
  expect(stderr).toContain('node --import @vividly/instrumentation/register')
})

test.each([{ OTEL_SDK_DISABLED: 'true' }, { SET_UP: 'yes' }])('nothing is said where that is meant, or not so: %o', async (env: Record<string, string>) => {
  expect(await run(env)).toEqual({ stdout: 'done\ndone\ndone\n', stderr: '' })
})
