export type ProviderErrorOptions = {
  /** The provider may answer the same call better later. */
  retryable: boolean
  /** Do not call again before this many milliseconds, as the provider or its breaker says. */
  retryAfterMs?: number
  cause?: unknown
}

/** A call to a provider that failed, in words fit for the student's support: "Gemini answered 500 …". */
export class ProviderError extends Error {
  readonly retryable: boolean
  readonly retryAfterMs: number

  constructor(message: string, { retryable, retryAfterMs = 0, cause }: ProviderErrorOptions) {
    super(message, { cause })
    this.name = 'ProviderError'
    this.retryable = retryable
    this.retryAfterMs = retryAfterMs
  }
}
