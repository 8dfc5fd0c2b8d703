import process from 'node:process'

/** What a service tells the launcher once it works. */
export type ReadyMessage = { ready: true; url?: string }
export type RunningService = { url?: string; stop: () => Promise<void> }

/** After this long a service that can't stop cleanly ends all the same. */
const STOP_WITHIN_MS = 2200

/**
 * The life of a service's process: starts, says so to the launcher (if it has one), and stops on SIGINT, SIGTERM or
 * when the launcher is gone, so that no child outlives it.
 */
export async function runService(start: () => Promise<RunningService>): Promise<void> {
  let running: RunningService | undefined
  let stopping = false
  const stop = () => {
    if (stopping) return
    stopping = true
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref()
    Promise.resolve(running?.stop()).then(
      () => process.exit(0),
      (error: unknown) => {
        console.error('Could not stop cleanly:', error)
        process.exit(1)
      },
    )
  }
  // Ctrl-C reaches every process of the terminal; under a launcher it is the launcher that decides the order.
  process.on('SIGINT', process.send ? () => {} : stop)
  process.on('SIGTERM', stop).on('disconnect', stop)
  try {
    running = await start()
    const message: ReadyMessage = { ready: true, ...(running.url !== undefined && { url: running.url }) }
    process.send?.(message)
  } catch (error) {
    console.error(error instanceof Error ? describe(error) : error)
    process.exit(1)
  }
}

/** Message and causes, without stacks: what a person at the terminal can act on. */
function describe(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${describe(error.cause)}` : error.message
}
