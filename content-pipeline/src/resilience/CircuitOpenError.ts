import { ProviderError } from './ProviderError.ts'

/** No call was made, for the last ones failed. Worth a retry only after `retryAfterMs`. */
export class CircuitOpenError extends ProviderError {
  constructor(provider: string, retryAfterMs: number, lastFailure: string | undefined, cause: unknown) {
    super(`${provider} circuit breaker is open${lastFailure === undefined ? '' : ` (last failure: ${lastFailure})`}`, {
      retryable: true,
      retryAfterMs,
      cause,
    })
    this.name = 'CircuitOpenError'
  }
}
