import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PostgresAccount } from './postgresAccount.ts'
import { isLive, isRunning, readLock, removeStaleLock } from './postmasterLock.ts'
import type { PostmasterLock } from './postmasterLock.ts'

export interface Cluster {
  pgData: string
  /** Holds the pid of the process that looks after the server. */
  ownerFile: string
  postgres: string
  account: PostgresAccount | undefined
  settings: Readonly<Record<string, string>>
  log: (line: string) => void
}

export interface Server {
  port: number
  pid: () => number | undefined
  stop: () => Promise<void>
}

const attempts = 20
const retryMs = 250
const watchMs = 250

/**
 * Runs one server and keeps it running on its port until `stop`, which ends it with a checkpoint (SIGINT; after
 * 10 s SIGQUIT, after 3 more SIGKILL). Given the lock of a running server, looks after that one instead. Undefined
 * when another process was first to start one.
 */
export async function superviseServer(cluster: Cluster, running?: PostmasterLock): Promise<Server | undefined> {
  const port = running?.port ?? (await freePort())
  const ending = new AbortController()
  let pid = running?.pid ?? 0
  const onExit = () => trySignal(pid, 'SIGINT')
  process.on('exit', onExit)
  if (!running && !(await start())) {
    process.off('exit', onExit)
    return undefined
  }
  await writeFile(cluster.ownerFile, String(process.pid))
  const watching = watch()

  async function start(): Promise<boolean> {
    return startServer(cluster, port, (spawned) => {
      pid = spawned
    })
  }

  async function watch(): Promise<void> {
    for (;;) {
      await pause(watchMs)
      if (ending.signal.aborted) return
      if (await isRunning(pid)) continue
      cluster.log(`Postgres (pid ${pid}) is gone: starting it again`)
      try {
        await start()
      } catch (error) {
        cluster.log(`Postgres does not start: ${String(error)}; trying again`)
        await pause(1000)
      }
    }
  }

  async function pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { ref: false, signal: ending.signal }).catch(() => {})
  }

  async function stop(): Promise<void> {
    ending.abort()
    await watching
    process.off('exit', onExit)
    for (const [signal, patienceMs] of [['SIGINT', 10_000], ['SIGQUIT', 3_000], ['SIGKILL', 3_000]] as const) {
      trySignal(pid, signal)
      for (let waitedMs = 0; waitedMs < patienceMs && (await isRunning(pid)); waitedMs += 20) await sleep(20)
      if (!(await isRunning(pid))) return
    }
  }

  return { port, pid: () => pid, stop }
}

/**
 * Resolves with true when the server takes connections, with false when another has the data folder. Tries again
 * while a killed server is still leaving.
 */
async function startServer(cluster: Cluster, port: number, spawned: (pid: number) => void): Promise<boolean> {
  const { pgData } = cluster
  let lastWords: string[] = []
  for (let attempt = 0; attempt < attempts; attempt++) {
    const lock = await readLock(pgData)
    if (lock && (await isLive(lock, pgData))) return false
    if (lock) await removeStaleLock(pgData)
    lastWords = []
    const child = spawnServer(cluster, port, (line) => lastWords.push(line))
    if (child.pid !== undefined) spawned(child.pid)
    for (;;) {
      const current = await readLock(pgData)
      if (current && current.pid === child.pid && current.status === 'ready') return true
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) break
      await sleep(20)
    }
    await sleep(retryMs)
  }
  throw new Error(`Postgres did not start in ${pgData}; its last words: ${lastWords.slice(-5).join(' | ')}`)
}

/** In a session of its own, so that Ctrl-C reaches us alone and we end it last. */
function spawnServer({ postgres, pgData, account, settings, log }: Cluster, port: number, heard: (line: string) => void): ChildProcess {
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawn(postgres, ['-D', pgData, '-p', String(port), ...flags], {
    ...account,
    cwd: pgData,
    detached: true,
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  child.on('error', (error) => heard(error.message))
  createInterface({ input: child.stderr }).on('line', (line) => {
    heard(line)
    log(line)
  })
  child.unref()
  return child
}

function trySignal(pid: number, signal: NodeJS.Signals): void {
  if (pid <= 0) return
  try {
    process.kill(pid, signal)
  } catch {
    // Gone already.
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
