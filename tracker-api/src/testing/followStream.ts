import { streamFrames } from '../contract.ts'
import type { RequestRow, StreamFrames } from '../contract.ts'

type AnyFrame = { [K in keyof StreamFrames]: { event: K; id: string | undefined; data: StreamFrames[K] } }[keyof StreamFrames]

export type Followed = {
  status: number
  headers: Headers
  /** As they came. */
  frames: AnyFrame[]
  /** Every frame's raw lines. */
  raw: string[]
  /** Requests as the frames leave them: a state is applied if its version is higher. */
  rows: Map<string, RequestRow>
  lastEventId: () => string | undefined
  /** Resolves with the first frame that fits, past or future; rejects after five seconds. */
  waitFor: <E extends keyof StreamFrames>(event: E, fits?: (data: StreamFrames[E]) => boolean) => Promise<StreamFrames[E]>
  /** Resolves when the server has ended the stream. */
  ended: Promise<void>
  cut: () => void
}

export type FollowOptions = {
  lastEventId?: string | undefined
  /** What was known before. */
  rows?: Map<string, RequestRow>
  /** Told of each `request` frame once it is applied, older states too. */
  onRequest?: (id: string, version: number) => void
  /** Told when changes can't be told: a fresh snapshot has to be read. */
  onReset?: () => void
}

/** Reads a stream as a client does, and parses every frame by the contract. */
export async function followStream(
  url: string,
  { lastEventId, rows = new Map(), onRequest, onReset }: FollowOptions = {},
): Promise<Followed> {
  const abort = new AbortController()
  const response = await fetch(url, {
    signal: abort.signal,
    headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
  })
  const frames: AnyFrame[] = []
  const raw: string[] = []
  const versions = new Map<string, number>()
  let lastId = lastEventId
  let heard = Promise.withResolvers<void>()

  function hear(text: string): void {
    raw.push(text)
    const fields = new Map(text.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]))
    const event = fields.get('event')
    if (event === undefined) return
    const id = fields.get('id')
    lastId = id ?? lastId
    const name = event as keyof StreamFrames
    const frame = { event: name, id, data: streamFrames[name].strict().parse(JSON.parse(fields.get('data') ?? '')) } as AnyFrame
    frames.push(frame)
    if (frame.event === 'request') {
      const { row, version } = frame.data
      if (version > (versions.get(row.id) ?? rows.get(row.id)?.version ?? 0)) {
        versions.set(row.id, version)
        rows.set(row.id, row)
      }
      onRequest?.(row.id, version)
    } else if (frame.event === 'reset') {
      onReset?.()
    } else if (frame.event === 'remove') {
      rows.delete(frame.data.id)
    }
    heard.resolve()
    heard = Promise.withResolvers()
  }

  async function readAll(): Promise<void> {
    if (!response.body) return
    let rest = ''
    try {
      for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
        const parts = (rest + chunk).split('\n\n')
        rest = parts.pop() ?? ''
        for (const part of parts) hear(part)
      }
    } catch (error) {
      if (!abort.signal.aborted) throw error
    }
  }

  return {
    status: response.status,
    headers: response.headers,
    frames,
    raw,
    rows,
    lastEventId: () => lastId,
    async waitFor(event, fits = () => true) {
      const giveUp = AbortSignal.timeout(5_000)
      const expired = new Promise<never>((_, reject) => {
        giveUp.addEventListener('abort', () => reject(new Error(`No ${event} frame came in five seconds`)))
      })
      // It expires after the frame was found too.
      expired.catch(() => {})
      for (let next = 0; ; ) {
        for (; next < frames.length; next += 1) {
          const frame = frames[next]
          if (frame?.event === event && fits(frame.data as never)) return frame.data as never
        }
        await Promise.race([heard.promise, expired])
      }
    },
    ended: readAll(),
    cut: () => abort.abort(),
  }
}
