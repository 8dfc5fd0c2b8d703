export type Throttled = { call(): void; flush(): void; cancel(): void }

/** Runs at once, then at most once each `intervalMs`, and never forgets the last call. */
export function throttle(run: () => void, intervalMs: number): Throttled {
  let timer: ReturnType<typeof setTimeout> | undefined
  let again = false
  function fire(): void {
    again = false
    timer = setTimeout(() => {
      timer = undefined
      if (again) fire()
    }, intervalMs)
    run()
  }
  return {
    call() {
      if (timer === undefined) fire()
      else again = true
    },
    flush() {
      clearTimeout(timer)
      timer = undefined
      fire()
    },
    cancel() {
      clearTimeout(timer)
      timer = undefined
      again = false
    },
  }
}
