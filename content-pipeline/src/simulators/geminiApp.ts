import { setTimeout as sleep } from 'node:timers/promises'
import { Hono } from 'hono'
import { z } from 'zod'
import { faultRoutes, type FaultSwitch, injectBaseErrors, injectFaults, type SimulatorEnv, slowness } from './faults.ts'
import { drawLatencyMs, type Random } from './latency.ts'

/** Seconds that a script takes on average at speed 1. */
const MEAN_SECONDS = 30

const generateContent = z.object({
  contents: z.array(z.object({ parts: z.array(z.object({ text: z.string() })).min(1) })).min(1),
})

export type SimulatorOptions = {
  /** Times faster than the real provider. */
  speed: number
  /** Share of calls that fail on a good day. */
  errorRate: number
  random: Random
  faults: FaultSwitch
}

/** The part of the Gemini API that the pipeline calls: `POST /v1beta/models/{model}:generateContent`. */
export function createGeminiApp({ speed, errorRate, random, faults }: SimulatorOptions): Hono<SimulatorEnv> {
  let answered = 0
  return new Hono<SimulatorEnv>()
    .route('/faults', faultRoutes(faults))
    .use('/v1beta/*', injectFaults(faults, random), injectBaseErrors(errorRate, random))
    .post('/v1beta/models/:call', async (c) => {
      const [model = '', method] = c.req.param('call').split(':')
      const body = generateContent.safeParse(await c.req.json().catch(() => undefined))
      if (method !== 'generateContent') return c.json({ error: { status: 'NOT_FOUND' } }, 404)
      if (!body.success) return c.json({ error: { status: 'INVALID_ARGUMENT' } }, 400)
      await sleep(drawLatencyMs((MEAN_SECONDS * 1000) / speed, random) * slowness(faults, random))
      const prompt = body.data.contents.flatMap((content) => content.parts.map((part) => part.text)).join('\n')
      const script = writeScript(prompt)
      answered += 1
      return c.json({
        candidates: [{ content: { role: 'model', parts: [{ text: script }] }, finishReason: 'STOP' }],
        usageMetadata: { promptTokenCount: countTokens(prompt), candidatesTokenCount: countTokens(script) },
        modelVersion: `${model}-simulated`,
        responseId: `sim-${answered}`,
      })
    })
}

/** A scene for each source in the prompt: the lines that begin with "Source:". */
function writeScript(prompt: string): string {
  const topic = /^Topic: (.*)$/m.exec(prompt)?.[1] ?? 'today’s topic'
  const sources = [...prompt.matchAll(/^Source: (.*)$/gm)].map((match) => match[1] ?? '')
  const scenes = sources.map((source, index) => `Scene ${index + 1}\n${source}`)
  return [`Welcome! Today we look at ${topic}.`, ...scenes, `Now you know more about ${topic}. See you next time!`].join('\n\n')
}

/** About four characters a token, as the providers' own rule of thumb says. */
const countTokens = (text: string): number => Math.ceil(text.length / 4)
