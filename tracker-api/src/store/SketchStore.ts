import type { Sketch } from './Sketch.ts'

/** Sketches by a key that means one of them for ever; the one that was least recently asked for goes first. */
export type SketchStore = { get: (key: string) => Sketch | undefined; set: (key: string, sketch: Sketch) => void }

/** About a year of days of twenty stages; some 2 kB each. */
const MOST_SKETCHES = 8_000

export function createSketchStore(most = MOST_SKETCHES): SketchStore {
  const sketches = new Map<string, Sketch>()
  const set = (key: string, sketch: Sketch): void => {
    sketches.delete(key)
    sketches.set(key, sketch)
    if (sketches.size <= most) return
    const [oldest] = sketches.keys()
    if (oldest !== undefined) sketches.delete(oldest)
  }
  return {
    get: (key) => {
      const sketch = sketches.get(key)
      if (sketch !== undefined) set(key, sketch)
      return sketch
    },
    set,
  }
}
