/**
 * What is written under `/api/v1/tracking`, for services without OpenTelemetry. Conventions as in contract.ts; a field
 * that is unknown is refused, for one that silently does not count loses data.
 */
import { z } from 'zod'
import { eventSeverity } from './contract.ts'

export const TRACKING_BASE = '/api/v1/tracking'

const name = z.string().min(1).max(200).refine((said) => !said.includes('\0'), 'a NUL character is not allowed')
const text = z.string().max(65_536)
const isMap = (said: unknown): boolean => typeof said === 'object' && said !== null && !Array.isArray(said)
/** From 1. */
const attempt = z.number().int().min(1).max(1_000_000)

const teller = {
  /** When it happened; now if not said. */
  at: z.iso.datetime({ offset: true }).optional(),
  /** Who says so, as OpenTelemetry's `service.name` and `host.name`. */
  service: name.optional(),
  host: name.optional(),
  /** `content_generation` if not said. */
  pipeline: name.optional(),
}
const run = {
  ...teller,
  /** The latest one known if not said; when a stage starts after a retry, the one after that. */
  attempt: attempt.optional(),
  /** Retries + 1; the pipeline's definition decides if not said. */
  max_attempts: attempt.optional(),
}

/** What was thrown. */
export const toldError = z.strictObject({
  /** As `TimeoutError`. */
  type: name.optional(),
  message: text,
  stacktrace: text.optional(),
})
export type ToldError = z.infer<typeof toldError>

export const newRequest = z.strictObject({
  ...teller,
  /** The request's ID where it has one, in any spelling: with it the call may be repeated. */
  id: z.string().max(40).optional(),
  student_id: name,
  student_name: name.optional(),
  organization_id: name.optional(),
  topic: text,
  learning_objective: text.optional(),
})
export const requestStart = z.strictObject(teller)
export const requestCompletion = z.strictObject({
  ...teller,
  video_url: text.optional(),
  thumbnail_url: text.optional(),
  script_text: text.optional(),
})
/** `stage`: the one that made it fail. */
export const requestFailure = z.strictObject({ ...teller, error: toldError, stage: name.optional() })
export const requestCancellation = z.strictObject({ ...teller, reason: text.optional() })
export const newEvent = z.strictObject({
  ...teller,
  /** As `api_call`; one without a dot gets `vividly.` in front. */
  type: name,
  message: text.optional(),
  severity: eventSeverity.optional(),
  stage: name.optional(),
  /** Becomes the event's attributes, key by key. */
  data: z.unknown().refine(isMap, 'an object').meta({ type: 'object' }).optional(),
})
export const stageStart = z.strictObject(run)
/** How much is done, 0 to 1, and what is being done; say it every few seconds, so that the stage does not look stalled. */
export const stageProgress = z.strictObject({ ...run, ratio: z.number().min(0).max(1).optional(), message: text.optional() })
/** An attempt failed and the next follows after the delay. */
export const stageRetry = z.strictObject({
  ...run,
  delay_ms: z.number().int().min(0).max(2_147_483_647),
  reason: text,
  error: toldError.optional(),
})
export const stageCompletion = z.strictObject({ ...run, output: z.unknown().optional() })
export const stageFailure = z.strictObject({ ...run, error: toldError })
export const stageSkip = z.strictObject({ ...run, reason: text.optional() })

/** The request's identity in all its spellings, once what was told is committed. */
export const told = z.object({
  id: z.string(),
  correlation_id: z.string(),
  trace_id: z.string(),
  /** For what speaks W3C Trace Context: under the stage where one was told, else under the request. */
  traceparent: z.string(),
})
export type Told = z.infer<typeof told>
