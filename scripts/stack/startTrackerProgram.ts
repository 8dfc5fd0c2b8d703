import { join } from 'node:path'
import process from 'node:process'
import { startProgram } from '@vividly/collector/startProgram'
import { restartable } from './restartable.ts'
import type { Restartable } from './restartable.ts'

const main = join(import.meta.dirname, '../../tracker-api/src/main.ts')

export type RunningTracker = Restartable & { url: string }

/** A tracker in a process of its own, on loopback. @param publicUrl where people open the page */
export async function startTrackerProgram(databaseUrl: string, port: number, publicUrl?: string): Promise<RunningTracker> {
  const url = `http://127.0.0.1:${port}`
  const start = () =>
    startProgram({
      program: process.execPath,
      args: [main],
      env: {
        DATABASE_URL: databaseUrl,
        TRACKER_HOST: '127.0.0.1',
        TRACKER_PORT: String(port),
        TRACKER_OTLP_PORT: 'off',
        TRACKER_PUBLIC_URL: publicUrl ?? url,
        LOG_LEVEL: 'warn',
      },
      ready: `${url}/readyz`,
    })
  return { ...(await restartable(start)), url }
}
