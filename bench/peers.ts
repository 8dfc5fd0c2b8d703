/** `npm run bench:peers`: this tracker beside other stores of traces, on the same spans in the same run. */
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { writeFigures } from './measure/writeFigures.ts'
import { getJaeger } from './peers/getJaeger.ts'
import { getZipkin } from './peers/getZipkin.ts'
import { makeTraces } from './peers/makeTraces.ts'
import { measurePeer } from './peers/measurePeer.ts'
import type { PeerFigures } from './peers/measurePeer.ts'
import type { Peer } from './peers/Peer.ts'
import { startJaeger } from './peers/startJaeger.ts'
import { startOurs } from './peers/startOurs.ts'
import { startZipkin } from './peers/startZipkin.ts'

const { traces, repeats, only = '', json } = new Command('bench:peers')
  .description(
    'Posts the same spans to this tracker, to Jaeger v2 with badger in two settings, and to Zipkin; gets and builds them first (Go, Java and Maven). CPU is of all processes of each; Linux only.',
  )
  .option('--traces <count>', 'of seven spans each', Number, 15_000)
  .option('--repeats <count>', 'rounds, of which the median by CPU counts', Number, 1)
  .option('--only <name>', 'this tracker and those whose names hold this')
  .option('--json <file>', 'writes the figures there too')
  .parse()
  .opts<{ traces: number; repeats: number; only?: string; json?: string }>()


/** `share`: of the traces; whoever syncs at every span would take many minutes for all. */
type Case = { name: string; answers: string; share: number; start: (dir: string) => Promise<Peer> }
const everyone: Case[] = [
  { name: 'this tracker', answers: 'after the commit', share: 1, start: startOurs },
  { name: 'Jaeger badger, consistent', answers: 'after the disk has it', share: 0.25, start: async (dir) => startJaeger(await getJaeger(console.error), dir, 'consistent') },
  { name: 'Jaeger badger, default', answers: 'before it stores', share: 1, start: async (dir) => startJaeger(await getJaeger(console.error), dir, 'default') },
  { name: 'Zipkin, in memory', answers: 'keeps nothing', share: 1, start: async (_dir) => startZipkin(await getZipkin(console.error)) },
]
const cases = everyone.filter(({ name }) => name === 'this tracker' || name.includes(only))

const all = new Map<string, PeerFigures[]>()
for (let round = 1; round <= repeats; round += 1) {
  for (const { name, share, start } of cases) {
    console.error(`round ${round}: ${name}`)
    const dir = await mkdtemp(join(tmpdir(), 'vividly-peers-'))
    await chmod(dir, 0o755)
    const peer = await start(dir)
    try {
      const startMs = Date.now() - 3_600_000
      const told = makeTraces(Math.floor(traces * share), startMs)
      const figures = await measurePeer(peer, makeTraces(1_000, startMs - 600_000), told)
      all.set(name, [...(all.get(name) ?? []), figures])
    } finally {
      await peer.stop()
      await rm(dir, { recursive: true, force: true })
    }
  }
}

const medians = new Map(
  [...all].map(([name, rounds]) => [name, rounds.toSorted((a, b) => a.usPerSpan - b.usPerSpan)[Math.floor(rounds.length / 2)]]),
)
const ours = medians.get('this tracker')
const rounded = (value = NaN) => Number(value.toPrecision(3))
console.table(
  Object.fromEntries(
    cases.flatMap(({ name, answers }) => {
      const figures = medians.get(name)
      if (figures === undefined) return []
      return [[
        name,
        {
          'answers a post': answers, 'spans/CPU-s': Math.round(1e6 / figures.usPerSpan), 'ours to it': ours ? rounded(figures.usPerSpan / ours.usPerSpan) : '',
          'spans/s': Math.round(figures.spansPerSecond), 'bytes/span': figures.bytesPerSpan === undefined ? '–' : Math.round(figures.bytesPerSpan),
          'trace p50, p99 ms': `${rounded(figures.trace.p50Ms)}, ${rounded(figures.trace.p99Ms)}`,
          'search p50, p99 ms': `${rounded(figures.search.p50Ms)}, ${rounded(figures.search.p99Ms)}`, 'MB': Math.round(figures.residentMegabytes),
        },
      ]]
    }),
  ),
)
console.log(`Comparable are the first two: both have a span on disk when they answer. Jaeger's default may lose what it has answered,
Zipkin's memory loses all at its end. Jaeger indexes every tag, this tracker those that its filters ask for; this tracker merges each
span into the state of its request and stage, Jaeger and Zipkin do not. Zipkin takes no OTLP: it gets the same spans in its own JSON.`)
await writeFigures(
  json,
  Object.fromEntries(
    [...medians].flatMap(([name, figures]) =>
      figures === undefined
        ? []
        : [[name, { us_per_span: figures.usPerSpan, bytes_per_span: figures.bytesPerSpan, trace_p50: figures.trace.p50Ms, trace_p99: figures.trace.p99Ms, search_p50: figures.search.p50Ms, search_p99: figures.search.p99Ms, megabytes: figures.residentMegabytes, spans_per_second: figures.spansPerSecond }]],
    ),
  ),
)
