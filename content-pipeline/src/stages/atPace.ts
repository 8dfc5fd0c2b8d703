import { setTimeout as sleep } from 'node:timers/promises'
import { drawLatencyMs } from '../simulators/latency.ts'

/**
 * Our small work takes milliseconds where production takes seconds: a vector database, a CDN upload.
 * This runs the work, then waits until a drawn production time is over, so that the page shows what it will show then.
 *
 * @param meanSeconds at speed 1
 */
export async function atPace<T>(meanSeconds: number, speed: number, work: () => Promise<T>): Promise<T> {
  const [result] = await Promise.all([work(), sleep(drawLatencyMs((meanSeconds * 1000) / speed, Math.random))])
  return result
}
