/** How long one part may take to stop before the next is stopped all the same. */
const patienceMs = 8_000

export interface Stops {
  /** What is added last is stopped first. */
  add: (stop: () => Promise<void>) => void
  /** Stops all and ends the process; a second call waits for the first. */
  run: (exitCode: number) => Promise<void>
}

/** On Ctrl-C (or SIGTERM, SIGHUP) ends the process after all that was started has been stopped, newest first. */
export function stopInOrder(): Stops {
  const stops: (() => Promise<void>)[] = []
  let running: Promise<void> | undefined

  async function stopAll(exitCode: number): Promise<void> {
    for (let stop = stops.pop(); stop; stop = stops.pop()) {
      await Promise.race([
        stop().catch((error: unknown) => console.error('Could not stop a part:', error)),
        new Promise((resolve) => setTimeout(resolve, patienceMs)),
      ])
    }
    process.exit(exitCode)
  }

  const run = (exitCode: number) => (running ??= stopAll(exitCode))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!running) console.log('Stopping …')
      void run(0)
    })
  }
  return {
    add: (stop) => {
      stops.push(stop)
    },
    run,
  }
}
