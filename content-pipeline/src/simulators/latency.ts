/** Uniform in [0, 1), as Math.random. */
export type Random = () => number

/** Spread of the logarithm. At 0.25 one call in 20 takes over 1.5 times the mean, one in 400 over twice. */
const SIGMA = 0.25
/** No call takes longer than this many times the mean. */
const LONGEST = 4

/** A log-normal duration: what response times of generative services look like, a hump with a long right tail. */
export function drawLatencyMs(meanMs: number, random: Random, sigma = SIGMA): number {
  const location = Math.log(meanMs) - sigma ** 2 / 2
  return Math.min(Math.exp(location + sigma * standardNormal(random)), LONGEST * meanMs)
}

/** Box-Muller. */
function standardNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
