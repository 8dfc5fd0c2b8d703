import { execFile } from 'node:child_process'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { promisify } from 'node:util'
import { giveTo } from './postgresAccount.ts'
import type { PostgresAccount } from './postgresAccount.ts'

const run = promisify(execFile)

export interface NewCluster {
  pgData: string
  initdb: string
  superuser: string
  passwordFile: string
  account: PostgresAccount | undefined
  log: (line: string) => void
}

/**
 * Makes the data folder once, UTF-8 and sorted by code point whatever the machine's locale. It is made aside and
 * renamed when it is whole, so a start that was killed half-way leaves nothing that looks like a cluster.
 */
export async function createCluster({ pgData, initdb, superuser, passwordFile, account, log }: NewCluster): Promise<void> {
  if (await exists(pgData)) return
  const unfinished = `${pgData}.${process.pid}`
  log('making a new Postgres data folder')
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { mode: 0o700 })
  await giveTo(account, unfinished)
  const flags = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions']
  const access = ['--auth=scram-sha-256', `--username=${superuser}`, `--pwfile=${passwordFile}`]
  try {
    await run(initdb, [`--pgdata=${unfinished}`, ...flags, ...access], { ...account, env: { ...process.env, LC_ALL: 'C' } })
    await rename(unfinished, pgData)
  } catch (cause) {
    await rm(unfinished, { recursive: true, force: true })
    // Another process that started at the same moment may have been first.
    if (!(await exists(pgData))) throw new Error(`Could not make the Postgres data folder ${pgData}`, { cause })
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined
}
