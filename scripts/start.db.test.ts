import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'

const script = join(import.meta.dirname, 'start.ts')
let dataDir: string
let running: Started | undefined

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'vividly-start-'))
})
afterEach(async () => {
  if (running && running.child.exitCode === null) await stop(running)
})
afterAll(() => rm(dataDir, { recursive: true, force: true }))

interface Started {
  child: ChildProcess
  output: () => string
  ended: Promise<unknown>
}

function start(args: string[], environment: Record<string, string> = {}): Started {
  const child = spawn(process.execPath, [script, ...args], {
    env: {
      ...process.env,
      TRACKER_DATA_DIR: dataDir,
      TRACKER_PORT: '0',
      TRACKER_OTLP_PORT: 'off',
      PIPELINE_PORT: '0',
      PIPELINE_GEMINI_PORT: '0',
      PIPELINE_NANO_BANANA_PORT: '0',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  running = { child, output: () => output, ended: once(child, 'exit') }
  return running
}

/** Ctrl-C; resolves with the milliseconds until it had ended. */
async function stop({ child, ended }: Started): Promise<number> {
  const askedAt = performance.now()
  child.kill('SIGINT')
  await ended
  return performance.now() - askedAt
}

async function addressOf(started: Started): Promise<string> {
  return vi.waitFor(
    () => {
      const address = /running: (http:\/\/127\.0\.0\.1:\d+)\/monitoring\/dashboard/.exec(started.output())?.[1]
      if (address === undefined) throw new Error(`no address in:\n${started.output()}`)
      return address
    },
    { timeout: 40_000, interval: 100 },
  )
}

async function requestsAt(address: string): Promise<{ id: string; status: string }[]> {
  const response = await fetch(`${address}/api/v1/monitoring/requests`)
  const { items } = (await response.json()) as { items: { id: string; status: string }[] }
  return items
}

/** Of the processes on this machine, those that have our data folder in their command line or environment. */
async function leftovers(): Promise<string[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  const found = await Promise.all(
    pids.map(async (pid) => {
      const texts = ['cmdline', 'environ'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => ''))
      return (await Promise.all(texts)).join('').includes(dataDir) ? [pid] : []
    }),
  )
  return found.flat()
}

test('one command shows real requests, Ctrl-C ends all of it, and the next start goes on with the same data', async () => {
  const first = start(['--speed', '60'])
  const address = await addressOf(first)
  const page = await fetch(`${address}/monitoring/dashboard`)
  expect(page.headers.get('content-type')).toContain('text/html')
  const [seen] = await vi.waitFor(
    async () => {
      const items = await requestsAt(address)
      if (!items.some(({ status }) => status !== 'pending')) throw new Error(`no request yet:\n${first.output()}`)
      return items
    },
    { timeout: 30_000, interval: 200 },
  )
  expect(await stop(first)).toBeLessThan(8_000)
  expect(first.child.exitCode).toBe(0)
  expect(await leftovers()).toEqual([])

  const second = start(['--no-example'])
  const again = await addressOf(second)
  expect((await fetch(`${again}/api/v1/monitoring/requests/${seen?.id}`)).status).toBe(200)
  await stop(second)
  expect(await leftovers()).toEqual([])
})

test('a taken page port is told and ends the start; a taken OTLP port is told and does not', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const taken = String((other.address() as AddressInfo).port)

  const refused = start([], { TRACKER_PORT: taken })
  await refused.ended
  expect(refused.child.exitCode).toBe(1)
  expect(refused.output()).toContain(`Port ${taken} is taken`)
  expect(await leftovers()).toEqual([])

  const warned = start(['--no-example'], { TRACKER_OTLP_PORT: taken })
  await addressOf(warned)
  expect(warned.output()).toContain(taken)
  await stop(warned)
  other.close()
})

test('--help and a wrong environment say what is what and start nothing', async () => {
  const help = start(['--help'])
  await help.ended
  expect(help.child.exitCode).toBe(0)
  expect(help.output()).toContain('--speed')

  const wrong = start([], { TRACKER_PORT: 'http', LOG_LEVEL: 'loud' })
  await wrong.ended
  expect(wrong.child.exitCode).toBe(1)
  expect(wrong.output()).toMatch(/TRACKER_PORT[\s\S]*LOG_LEVEL/)
})
