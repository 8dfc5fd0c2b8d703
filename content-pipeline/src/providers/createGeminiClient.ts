import { z } from 'zod'
import { createProviderBreaker } from '../resilience/createProviderBreaker.ts'
import { callProvider, readJson, scaledTimeoutMs } from './callProvider.ts'
import * as genAi from './genAiAttributes.ts'
import { withClientSpan } from './withClientSpan.ts'

const MODEL = 'gemini-2.5-flash'
/** At speed 1; a script takes 30 s on average. */
const TIMEOUT_SECONDS = 75

const answerSchema = z.object({
  candidates: z
    .array(z.object({ content: z.object({ parts: z.array(z.object({ text: z.string() })) }), finishReason: z.string() }))
    .min(1),
  usageMetadata: z.object({ promptTokenCount: z.int(), candidatesTokenCount: z.int() }),
  modelVersion: z.string(),
  responseId: z.string(),
})

export type GeneratedText = { text: string; model: string; inputTokens: number; outputTokens: number }
export type GeminiClient = { generateText: (prompt: string) => Promise<GeneratedText> }

/** Make one a process: it holds the breaker. */
export function createGeminiClient(baseUrl: string, speed: number): GeminiClient {
  const breaker = createProviderBreaker('gemini', 'Gemini', speed)
  const attributes = {
    [genAi.ATTR_GEN_AI_OPERATION_NAME]: 'generate_content',
    [genAi.ATTR_GEN_AI_PROVIDER_NAME]: 'gcp.gemini',
    [genAi.ATTR_GEN_AI_REQUEST_MODEL]: MODEL,
    [genAi.ATTR_GEN_AI_OUTPUT_TYPE]: 'text',
  }
  return {
    generateText: (prompt) =>
      breaker.execute(() =>
        withClientSpan(`generate_content ${MODEL}`, attributes, async (span) => {
          const answer = await callProvider(
            {
              provider: 'Gemini',
              url: `${baseUrl}/v1beta/models/${MODEL}:generateContent`,
              method: 'POST',
              body: { contents: [{ role: 'user', parts: [{ text: prompt }] }] },
              timeoutMs: scaledTimeoutMs(TIMEOUT_SECONDS, speed),
            },
            readJson('Gemini', answerSchema),
          )
          const [candidate] = answer.candidates
          span.setAttributes({
            [genAi.ATTR_GEN_AI_RESPONSE_MODEL]: answer.modelVersion,
            [genAi.ATTR_GEN_AI_RESPONSE_ID]: answer.responseId,
            [genAi.ATTR_GEN_AI_RESPONSE_FINISH_REASONS]: answer.candidates.map(({ finishReason }) => finishReason),
            [genAi.ATTR_GEN_AI_USAGE_INPUT_TOKENS]: answer.usageMetadata.promptTokenCount,
            [genAi.ATTR_GEN_AI_USAGE_OUTPUT_TOKENS]: answer.usageMetadata.candidatesTokenCount,
          })
          return {
            text: candidate?.content.parts.map((part) => part.text).join('') ?? '',
            model: answer.modelVersion,
            inputTokens: answer.usageMetadata.promptTokenCount,
            outputTokens: answer.usageMetadata.candidatesTokenCount,
          }
        }),
      ),
  }
}
