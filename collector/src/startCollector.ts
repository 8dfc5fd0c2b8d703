import { join } from 'node:path'
import { buildCollector } from './buildCollector.ts'
import { startProgram } from './startProgram.ts'
import type { RunningProgram } from './startProgram.ts'

const folder = join(import.meta.dirname, '..')

export type CollectorOptions = {
  /** Files of this folder; several are merged in order, as `--config` given several times. */
  configs: readonly string[]
  /** The variables that the configuration reads, `COLLECTOR_HEALTH_PORT` at least. */
  env: Record<string, string>
  onLog?: (line: string) => void
}

/** @throws Error with its last words when it does not become healthy */
export async function startCollector({ configs, env, onLog }: CollectorOptions): Promise<RunningProgram> {
  return startProgram({
    program: await buildCollector(onLog ?? (() => {})),
    args: configs.flatMap((config) => ['--config', join(folder, config)]),
    env,
    ready: `http://127.0.0.1:${env['COLLECTOR_HEALTH_PORT']}`,
    onLog,
  })
}
