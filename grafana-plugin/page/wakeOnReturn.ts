/** Calls `wake` when the network, the tab or the computer came back: timers may have slept for hours. */
export function wakeOnReturn(wake: () => void): void {
  window.addEventListener('online', wake)
  window.addEventListener('pageshow', wake)
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') wake()
  })
}
