import type { Trace } from './makeTraces.ts'

/** One store of traces under measurement, in processes of its own, bound to loopback only. */
export type Peer = {
  /** Where spans are posted, and as what. */
  ingestUrl: string
  accepts: 'protobuf' | 'zipkin'
  /** Of all its processes, which are ended ones too. */
  pids: () => number[]
  /** Answers with a whole trace. */
  traceUrl: (trace: Trace) => string
  /** Answers with the newest twenty traces of one student. */
  searchUrl: (student: string) => string
  /** Of an answer to `traceUrl`: how many spans it holds. */
  countSpans: (answer: unknown) => number
  /** Blocks on disk, in bytes, of what it stored; undefined: it keeps nothing. Where it must end for that, it ends. */
  bytesOnDisk: () => Promise<number | undefined>
  stop: () => Promise<void>
}
