import { z } from 'zod'
import { createProviderBreaker } from '../resilience/createProviderBreaker.ts'
import { callProvider, type ProviderCall, readJson, scaledTimeoutMs } from './callProvider.ts'
import * as genAi from './genAiAttributes.ts'
import { withClientSpan } from './withClientSpan.ts'

/** At speed 1, for one call; a whole video takes many calls. */
const TIMEOUT_SECONDS = 15

const submittedSchema = z.object({ id: z.string() })
const videoSchema = z.object({
  status: z.enum(['rendering', 'succeeded', 'failed']),
  progress: z.number().min(0).max(1),
  message: z.string(),
  download_url: z.string().nullable(),
})
export type ProviderVideo = z.infer<typeof videoSchema>

export type NanoBananaClient = {
  /** The same key gives the same video, so that a repeated submission costs nothing. */
  submit: (script: string, idempotencyKey: string) => Promise<string>
  look: (videoId: string) => Promise<ProviderVideo>
  /** @param path `download_url` of a video that has succeeded */
  download: (path: string) => Promise<Buffer>
}

/** Make one a process: it holds the breaker. */
export function createNanoBananaClient(baseUrl: string, speed: number): NanoBananaClient {
  const breaker = createProviderBreaker('nano_banana', 'Nano Banana', speed)
  const attributes = {
    [genAi.ATTR_GEN_AI_PROVIDER_NAME]: 'nano_banana',
    [genAi.ATTR_GEN_AI_OUTPUT_TYPE]: 'video',
  }
  const call = (path: string, options: Partial<ProviderCall> = {}): ProviderCall => ({
    provider: 'Nano Banana',
    url: `${baseUrl}${path}`,
    timeoutMs: scaledTimeoutMs(TIMEOUT_SECONDS, speed),
    ...options,
  })
  return {
    submit: (script, idempotencyKey) =>
      breaker.execute(() =>
        withClientSpan('submit video', attributes, async (span) => {
          const headers = { 'Idempotency-Key': idempotencyKey }
          const submission = call('/v1/videos', { method: 'POST', headers, body: { script } })
          const { id } = await callProvider(submission, readJson('Nano Banana', submittedSchema))
          span.setAttribute(genAi.ATTR_GEN_AI_RESPONSE_ID, id)
          return id
        }),
      ),
    // No span each: two dozen a video would bury the waterfall. The stage's heartbeats tell the same.
    look: (videoId) => breaker.execute(() => callProvider(call(`/v1/videos/${videoId}`), readJson('Nano Banana', videoSchema))),
    download: (path) =>
      breaker.execute(() =>
        withClientSpan('download video', attributes, () =>
          callProvider(call(path), async (answer) => Buffer.from(await answer.arrayBuffer())),
        ),
      ),
  }
}
