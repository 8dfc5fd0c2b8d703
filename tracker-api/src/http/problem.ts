import { STATUS_CODES } from 'node:http'
import type { Problem } from '../contract.ts'

export type ProblemOptions = {
  /** Names this one answer in the tracker's log. */
  instance?: string
  headers?: Record<string, string>
}

/**
 * A problem document (RFC 9457). `detail` is for a person: what happened, why, what to do; it never repeats
 * input and never shows internals.
 */
export function problemResponse(status: number, detail: string, options: ProblemOptions = {}): Response {
  const body: Problem = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    ...(options.instance === undefined ? {} : { instance: options.instance }),
  }
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...options.headers },
  })
}
