import type { ScoredChunk, Search } from '../search/createSearch.ts'
import { atPace } from './atPace.ts'
import type { Stage } from './stage.ts'

const MEAN_SECONDS = 10
const CHUNKS = 5
/** Topics whose answer is kept. */
const CACHE_SIZE = 8

/** Stage 2: the five passages of the corpus that are nearest to the topic. */
export function createRagRetrieval(search: Search, speed: number): Stage {
  const cache = new Map<string, ScoredChunk[]>()
  return {
    name: 'rag_retrieval',
    run: ({ request, stage }) => {
      const query = `${request.topic} ${request.learningObjective ?? ''}`.trim()
      const cached = cache.get(query)
      if (cached) {
        stage.log('cache_hit', { message: `Chunks for "${request.topic}" are in the cache`, data: { cache: 'rag' } })
        return Promise.resolve({ chunks: cached.map(toOutput) })
      }
      return atPace(MEAN_SECONDS, speed, async () => {
        const chunks = search(query, CHUNKS)
        if (cache.size >= CACHE_SIZE) cache.clear()
        cache.set(query, chunks)
        return { chunks: chunks.map(toOutput) }
      })
    },
  }
}

const toOutput = ({ id, title, text, score }: ScoredChunk) => ({ id, title, text, score: Math.round(score * 1000) / 1000 })
