import type { Frame } from './Frame.ts'

/** Frames that leave in one write. Most listeners get the same ones, so their bytes are made once for all of these. */
export class Bundle {
  static readonly empty = (): Bundle => new Bundle([])
  readonly frames: readonly Frame[]
  readonly #longer = new Map<Frame, Bundle>()
  #text: string | undefined
  #chunk: Buffer | undefined

  constructor(frames: readonly Frame[]) {
    this.frames = frames
  }

  /** This and one frame more: for the same frame the same bundle. */
  with(frame: Frame): Bundle {
    let longer = this.#longer.get(frame)
    if (longer === undefined) {
      longer = new Bundle([...this.frames, frame])
      this.#longer.set(frame, longer)
    }
    return longer
  }

  get text(): string {
    return (this.#text ??= this.frames.map(({ text }) => text).join(''))
  }

  /** The text as a chunk of HTTP/1.1: its length in hexadecimal, line end, the bytes, line end. */
  get chunk(): Buffer {
    if (this.#chunk === undefined) {
      const length = Buffer.byteLength(this.text)
      this.#chunk = Buffer.from(`${length.toString(16)}\r\n${this.text}\r\n`)
    }
    return this.#chunk
  }
}
