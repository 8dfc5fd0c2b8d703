/** `npm run bench:stream`: from a post to the browsers that watch, and what a delivered message costs. */
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '@vividly/tracker-api/embeddedPostgres'
import { Command } from 'commander'
import { writeFigures } from './measure/writeFigures.ts'
import { measureBare } from './stream/measureBare.ts'
import { measureStream } from './stream/measureStream.ts'

const { seconds, listeners, json } = new Command('bench:stream')
  .description('Prints the delay from change to listener, and the CPU of a message against a bare socket.write of the same bytes.')
  .option('--seconds <count>', 'of each measurement', Number, 10)
  .option('--listeners <counts>', 'with commas', '1,100,1000,10000')
  .option('--json <file>', 'writes the figures there too')
  .parse()
  .opts<{ seconds: number; listeners: string; json?: string }>()

/** Milliseconds from post to listener that a run promises at the 99th percentile, at so many changes a second. */
const promises = new Map([[1, { perSecond: 200, p99: 15 }], [100, { perSecond: 200, p99: 15 }], [1_000, { perSecond: 200, p99: 1_000 }], [10_000, { perSecond: 10, p99: 1_000 }]])

const dir = await mkdtemp(join(tmpdir(), 'vividly-bench-'))
await chmod(dir, 0o755)
const figures: Record<string, Record<string, number>> = {}
try {
  const postgres = await startEmbeddedPostgres({ dataDir: join(dir, 'data') })
  try {
    // What the tracker does besides delivering, by rate.
    const alone = new Map<number, number>()
    for (const count of listeners.split(',').map(Number)) {
      const { perSecond, p99 } = promises.get(count) ?? { perSecond: 50, p99: NaN }
      console.error(`${count} listeners, ${perSecond} changes a second`)
      if (!alone.has(perSecond)) alone.set(perSecond, (await measureStream(postgres.databaseUrl, 1, perSecond, seconds)).cpuSeconds)
      const run = await measureStream(postgres.databaseUrl, count, perSecond, seconds)
      const deliveringUs = ((run.cpuSeconds - (alone.get(perSecond) ?? NaN)) / run.messages) * 1e6
      const bareUs = await measureBare({ listeners: count, perSecond, bytes: run.bytes, atOnce: 1, seconds: Math.min(seconds, 5) })
      figures[count] = { per_second: perSecond, promised_p99: p99, delivering_us: deliveringUs, bare_us: bareUs, ...run }
      await writeFigures(json, figures)
    }
  } finally {
    await postgres.stop()
  }
} finally {
  await rm(dir, { recursive: true, force: true })
}
const rounded = (value = NaN) => Number(value.toPrecision(3))
console.table(
  Object.fromEntries(
    Object.entries(figures).map(([count, { per_second, p50Ms, p99Ms = NaN, afterCommitP99Ms, promised_p99 = NaN, missing, delivering_us = NaN, bare_us = NaN, bytes }]) => [
      `${count} listeners`,
      {
        'changes a s': per_second, 'p50 ms': rounded(p50Ms), 'p99 ms': rounded(p99Ms), 'p99 after commit': rounded(afterCommitP99Ms),
        'promised': promised_p99, 'held': p99Ms <= promised_p99 && missing === 0 ? 'yes' : 'NO', missing,
        'bytes': rounded(bytes), 'µs a message': rounded(delivering_us), 'bare write': rounded(bare_us), 'ratio': Number(count) > 1 ? rounded(delivering_us / bare_us) : '',
      },
    ]),
  ),
)
