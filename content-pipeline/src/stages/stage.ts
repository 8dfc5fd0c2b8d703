import type { TrackedStage } from '@vividly/instrumentation'
import type { DefaultStage } from '@vividly/instrumentation/semconv'
import type { ContentRequest } from '../store/RequestStore.ts'

/** What each stage leaves behind: for the stages after it, and as its output on the tracker's page. */
export type AllResults = {
  validation: { student_email: string; permission: string }
  rag_retrieval: { chunks: { id: string; title: string; text: string; score: number }[] }
  script_generation: { script_text: string; model: string; input_tokens: number; output_tokens: number }
  video_generation: { provider_video_id: string; download_path: string; polls: number }
  video_processing: { video_url: string; thumbnail_url: string; bytes: number }
  notification: { message_id: string; to: string }
}
export type StageResults = Partial<AllResults>

export type StageInput = {
  request: ContentRequest
  /** Of the stages before, in this process or another. */
  results: StageResults
  /** For progress and events; retries are told around the stage, not in it. */
  stage: Pick<TrackedStage, 'progress' | 'log'>
}

/** One stage: does its work once, or throws. A `ProviderError` that says `retryable` gets it another attempt. */
export type Stage = {
  [Name in DefaultStage]: { name: Name; run: (input: StageInput) => Promise<AllResults[Name]> }
}[DefaultStage]

/** What an earlier stage must have left. */
export function resultOf<Name extends keyof AllResults>(results: StageResults, name: Name): AllResults[Name] {
  const result: AllResults[Name] | undefined = results[name]
  if (result === undefined) throw new Error(`Stage ${name} has left no result; it must run first`)
  return result
}
