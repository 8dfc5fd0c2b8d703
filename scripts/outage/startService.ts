import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Note } from './compare.ts'

const CALM_MS = 1000

export type ServiceOptions = {
  name: string
  /** In flight at any time. */
  requests: number
  /** Where it writes what it called; one that exists is gone on with. */
  notesFile: string
  endpoint: string
  env?: Readonly<Record<string, string>>
  /** Default the one of this checkout. */
  program?: string
}

export type RunningService = {
  /** From a second later on it calls nothing, so that all it called can be expected to arrive. */
  quiet: () => Promise<void>
  /** SIGTERM lets it send what it has. */
  end: (signal: 'SIGKILL' | 'SIGTERM') => Promise<void>
  notes: () => Promise<Note[]>
}

/** One process of `service.ts`. */
export function startService({ name, requests, notesFile, endpoint, env, program }: ServiceOptions): RunningService {
  const file = program ?? join(import.meta.dirname, 'service.ts')
  const child = spawn(process.execPath, [file, name, String(requests), notesFile], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...env },
  })
  return {
    quiet: async () => {
      child.send('the end is near')
      await sleep(CALM_MS)
    },
    end: async (signal) => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill(signal)
      await exited
    },
    notes: async () => {
      const lines = (await readFile(notesFile, 'utf8')).split('\n').filter(Boolean)
      return lines.map((line) => JSON.parse(line) as Note)
    },
  }
}
