import type { GeminiClient } from '../providers/createGeminiClient.ts'
import type { ContentRequest } from '../store/RequestStore.ts'
import { type AllResults, resultOf, type Stage } from './stage.ts'

/** Stage 3: a script from Gemini, built on the retrieved passages. */
export function createScriptGeneration(gemini: GeminiClient): Stage {
  return {
    name: 'script_generation',
    run: async ({ request, results, stage }) => {
      const prompt = toPrompt(request, resultOf(results, 'rag_retrieval'))
      const { text, model, inputTokens, outputTokens } = await gemini.generateText(prompt)
      const data = { provider: 'gemini', model, input_tokens: inputTokens, output_tokens: outputTokens }
      stage.log('api_call', { message: `Gemini wrote ${outputTokens} tokens`, data })
      return { script_text: text, model, input_tokens: inputTokens, output_tokens: outputTokens }
    },
  }
}

export function toPrompt(request: ContentRequest, { chunks }: AllResults['rag_retrieval']): string {
  return [
    'Write the script of a two-minute video for students. Use only the sources.',
    // One line each: a topic with a line break must not become a line of our own.
    `Topic: ${oneLine(request.topic)}`,
    `Learning objective: ${oneLine(request.learningObjective ?? 'understand the topic')}`,
    ...chunks.map((chunk) => `Source: ${oneLine(`${chunk.title}. ${chunk.text}`)}`),
  ].join('\n')
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()
