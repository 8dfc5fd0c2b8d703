import { embed, inverseDocumentFrequency } from './embed.ts'
import type { Chunk } from './loadCorpus.ts'

export type ScoredChunk = Chunk & { /** Cosine similarity, -1 to 1. */ score: number }
export type Search = (query: string, count: number) => ScoredChunk[]

/** Embeds every chunk once; each search compares the query with all of them, best first, ties by ID. */
export function createSearch(chunks: Chunk[]): Search {
  const weight = inverseDocumentFrequency(chunks.map(toText))
  const index = chunks.map((chunk) => ({ chunk, vector: embed(toText(chunk), weight) }))
  return (query, count) => {
    const wanted = embed(query, weight)
    return index
      .map(({ chunk, vector }) => ({ ...chunk, score: dot(wanted, vector) }))
      .sort((a, b) => b.score - a.score || a.id.localeCompare(b.id))
      .slice(0, count)
  }
}

// The title says what a chunk is about, so it counts twice.
const toText = (chunk: Chunk): string => `${chunk.title} ${chunk.title} ${chunk.text}`

/** Both of unit length, so this is the cosine. */
function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, slot) => sum + value * (b[slot] ?? 0), 0)
}
