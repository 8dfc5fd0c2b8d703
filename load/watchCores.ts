const EVERY_MS = 250

/**
 * Notes what processes have taken of the CPU so far (seconds, by `cpu`), again and again. `end` gives how many cores
 * that was over the last `seconds`: what a scenario does to set itself up is none of its load.
 */
export async function watchCores(cpu: () => Promise<number>, seconds: number): Promise<{ end: () => Promise<number> }> {
  type Sample = { atMs: number; cpuSeconds: number }
  const take = async (): Promise<Sample> => ({ cpuSeconds: await cpu(), atMs: performance.now() })
  const samples = [await take()]
  const timer = setInterval(() => {
    take().then((sample) => samples.push(sample), () => {})
  }, EVERY_MS)
  return {
    end: async () => {
      clearInterval(timer)
      const last = await take()
      const first = samples.findLast(({ atMs }) => atMs <= last.atMs - seconds * 1000) ?? samples[0] ?? last
      return (last.cpuSeconds - first.cpuSeconds) / ((last.atMs - first.atMs) / 1000)
    },
  }
}
