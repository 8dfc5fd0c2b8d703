import type { RunningProgram } from '@vividly/collector/startProgram'

/** A part of the stack that can be taken away and given back, on the same ports and with the same files. */
export type Restartable = {
  /** Of the process that runs now. */
  pid: () => number
  /** SIGTERM. */
  stop: () => Promise<void>
  /** SIGKILL. */
  kill: () => Promise<void>
  restart: () => Promise<void>
}

export async function restartable(start: () => Promise<RunningProgram>): Promise<Restartable> {
  let running = await start()
  return {
    pid: () => running.pid,
    stop: () => running.stop(),
    kill: () => running.kill(),
    restart: async () => {
      running = await start()
    },
  }
}
