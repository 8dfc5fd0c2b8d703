import { useEffect, useState } from 'react'

/**
 * What a question was answered last, asked at once and then each `intervalMs` while `active`. An answer stays until a
 * better one comes; a failure is told and tried again at the next turn.
 */
export function usePolled<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  intervalMs: number,
  active: boolean,
): { answer: T | undefined; error: string | undefined } {
  const [state, setState] = useState<{ answer: T | undefined; error: string | undefined }>({ answer: undefined, error: undefined })
  useEffect(() => {
    if (!active) return undefined
    const controller = new AbortController()
    const turn = (): void => {
      ask(controller.signal).then(
        (answer) => setState({ answer, error: undefined }),
        (reason: unknown) => {
          if (controller.signal.aborted) return
          setState((before) => ({ ...before, error: reason instanceof Error ? reason.message : String(reason) }))
        },
      )
    }
    turn()
    const timer = setInterval(turn, intervalMs)
    return () => {
      clearInterval(timer)
      controller.abort()
    }
  }, [ask, intervalMs, active])
  return state
}
