import type { Problem } from '@vividly/tracker-api/contract'

/** Our way to the tracker failed; `message` is a sentence for the reader. */
export class ApiError extends Error {
  override name = 'ApiError'
  /** HTTP status; absent when there was no answer. */
  readonly status: number | undefined
  readonly retryAfterMs: number | undefined

  constructor(message: string, options: { cause?: unknown; status?: number; retryAfterMs?: number | undefined } = {}) {
    super(message, { cause: options.cause })
    this.status = options.status
    this.retryAfterMs = options.retryAfterMs
  }
}

export async function toApiError(response: Response): Promise<ApiError> {
  const problem = await readProblem(response)
  const retryAfterS = Number(response.headers.get('retry-after') ?? Number.NaN)
  return new ApiError(problem?.detail || problem?.title || problem?.message || `The tracker answered ${response.status}.`, {
    status: response.status,
    retryAfterMs: Number.isFinite(retryAfterS) ? Math.max(0, retryAfterS * 1000) : undefined,
  })
}

/** `message` is what Grafana's proxy says in its own name. */
type Said = Partial<Problem> & { message?: string }

async function readProblem(response: Response): Promise<Said | undefined> {
  if (!response.headers.get('content-type')?.includes('json')) return undefined
  try {
    return (await response.json()) as Said
  } catch {
    return undefined
  }
}
