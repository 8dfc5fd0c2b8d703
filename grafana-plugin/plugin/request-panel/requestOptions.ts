export type RequestOptions = {
  /** An ID in any spelling, or a variable that holds one. */
  requestId: string
}

export const DEFAULT_REQUEST_OPTIONS: RequestOptions = { requestId: '$request' }

/** Reads whatever a dashboard holds, of any version of this panel or written by hand. */
export function readRequestOptions(stored: unknown): RequestOptions {
  const { requestId } = { ...(typeof stored === 'object' ? stored : {}) } as Record<string, unknown>
  return { requestId: typeof requestId === 'string' && requestId.trim() ? requestId.trim() : DEFAULT_REQUEST_OPTIONS.requestId }
}
