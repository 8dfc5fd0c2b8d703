import { quantile } from '../measure/quantile.ts'

export type Took = { p50: number; p99: number; calls: number }

/**
 * Milliseconds of `calls` calls one after another, after as many unmeasured ones as warm the caches and let each
 * connection settle on a plan; fewer of what is slow, at least five.
 */
export async function measureCall(ask: (n: number) => Promise<unknown>, calls: number, budgetMs = 6_000): Promise<Took> {
  const endWarmMs = performance.now() + budgetMs / 2
  for (let n = 0; n < calls && (n < 2 || performance.now() < endWarmMs); n += 1) await ask(n)
  const tookMs: number[] = []
  const endMs = performance.now() + budgetMs
  while (tookMs.length < calls && (tookMs.length < 5 || performance.now() < endMs)) {
    const startedMs = performance.now()
    await ask(tookMs.length)
    tookMs.push(performance.now() - startedMs)
  }
  return { p50: quantile(tookMs, 0.5), p99: quantile(tookMs, 0.99), calls: tookMs.length }
}
