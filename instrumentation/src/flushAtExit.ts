import process from 'node:process'

export type AtExit = {
  /** Has a deadline of its own and never rejects. */
  flush: () => Promise<void>
  shutdown: () => Promise<void>
}

/**
 * Sends or spools what is left when the process is told to end by SIGTERM, or has nothing more to do. A host that
 * handles SIGTERM ends itself, and should await `shutdown()`; for any other the signal ends the process afterwards,
 * as it would have done without us.
 * @returns undoes it.
 */
export function flushAtExit({ flush, shutdown }: AtExit): () => void {
  let isFlushed = false
  const onBeforeExit = (): void => {
    // What is done here wakes the process, which then is about to exit again.
    if (isFlushed) return
    isFlushed = true
    void flush()
  }
  const endBySignal = async (): Promise<void> => {
    await shutdown()
    undo()
    process.kill(process.pid, 'SIGTERM')
  }
  const onTerminate = (): void => {
    void (process.listenerCount('SIGTERM') > 1 ? flush() : endBySignal())
  }
  const undo = (): void => {
    process.off('beforeExit', onBeforeExit).off('SIGTERM', onTerminate)
  }
  process.on('beforeExit', onBeforeExit).prependListener('SIGTERM', onTerminate)
  return undo
}
