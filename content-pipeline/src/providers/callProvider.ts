import { z } from 'zod'
import { ProviderError } from '../resilience/ProviderError.ts'

export type ProviderCall = {
  /** As people call it: `Gemini`. */
  provider: string
  url: string
  method?: 'GET' | 'POST'
  headers?: Record<string, string>
  /** Sent as JSON. */
  body?: unknown
  timeoutMs: number
}

/** However fast the simulation runs, a local call may take this long. */
const LEAST_TIMEOUT_MS = 1000

export const scaledTimeoutMs = (seconds: number, speed: number): number =>
  Math.max(LEAST_TIMEOUT_MS, (seconds * 1000) / speed)

/**
 * One HTTP call with a time-out on the whole of it, headers and body.
 * Every failure becomes a `ProviderError` that says in words what happened and whether to try again.
 */
export async function callProvider<T>(call: ProviderCall, read: (answer: Response) => Promise<T>): Promise<T> {
  const { provider, url, method = 'GET', headers = {}, body, timeoutMs } = call
  try {
    const answer = await fetch(url, {
      method,
      headers: { ...headers, ...(body !== undefined && { 'Content-Type': 'application/json' }) },
      signal: AbortSignal.timeout(timeoutMs),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw await toError(provider, answer)
    return await read(answer)
  } catch (error) {
    if (error instanceof ProviderError) throw error
    if (error instanceof DOMException && error.name === 'TimeoutError') {
      const message = `${provider} did not answer within ${(timeoutMs / 1000).toFixed(1)} s`
      throw new ProviderError(message, { retryable: true, cause: error })
    }
    throw new ProviderError(`${provider} could not be reached: ${reasonOf(error)}`, { retryable: true, cause: error })
  }
}

/** Reads a JSON answer of the expected shape; anything else is the provider's fault and may pass. */
export function readJson<T>(provider: string, schema: z.ZodType<T>): (answer: Response) => Promise<T> {
  return async (answer) => {
    const parsed = schema.safeParse(await answer.json())
    if (parsed.success) return parsed.data
    const message = `${provider} sent an answer we can't read: ${z.prettifyError(parsed.error)}`
    throw new ProviderError(message, { retryable: true })
  }
}

async function toError(provider: string, answer: Response): Promise<ProviderError> {
  // Read to the end, so that the connection can be used again.
  await answer.text()
  const retryable = answer.status === 408 || answer.status === 429 || answer.status >= 500
  const retryAfterSeconds = Number(answer.headers.get('Retry-After') ?? 0)
  const retryAfterMs = Number.isFinite(retryAfterSeconds) ? retryAfterSeconds * 1000 : 0
  return new ProviderError(`${provider} answered ${answer.status} ${answer.statusText}`.trim(), { retryable, retryAfterMs })
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (!(cause instanceof Error)) return error.message
  return cause.message === '' && 'code' in cause ? String(cause.code) : cause.message
}
