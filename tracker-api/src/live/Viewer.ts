/** Who reads a stream, whatever they ask for. */
export type Viewer = {
  /** Hears of nothing else; undefined is all, the platform's circuit breakers included. */
  organization: string | undefined
  /** Of students. */
  seesNames: boolean
}
