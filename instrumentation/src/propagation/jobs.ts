import { context, trace } from '@opentelemetry/api'
import { makeWarnOnce } from '../warnOnce.ts'
import { HEADER_CORRELATION_ID, contextOf, headersOf, requestOf } from './carriers.ts'

/** Where a job's data hold what {@link headersOf} gives. */
export const JOB_REQUEST = 'vividly'
/** What is read of a job without it, from a sender that knows nothing of ours. */
export const JOB_CORRELATION_ID = 'correlation_id'

/** As pg-boss and BullMQ hand it to a worker: JSON in `data`. */
export type Job = { readonly data: unknown }
/** A job's data with the request in them. */
export type JobData<T extends object> = T & { readonly vividly?: Readonly<Record<string, string>> }

const warnOnce = makeWarnOnce()

/**
 * A job's data with what its worker needs to go on with the request, for a queue that carries JSON:
 * `boss.send('render', jobData(correlationId, { script }))`. Never throws: where `id` names no request the job is
 * sent without one, after one warning.
 */
export function jobData<T extends object = object>(id: string, data?: T): JobData<T>
export function jobData(id: string, data: object = {}): JobData<object> {
  try {
    return { ...data, [JOB_REQUEST]: headersOf(id) }
  } catch (error) {
    warnOnce('job', 'a job is sent without its request.', error)
    return data
  }
}

/**
 * Runs a worker's handler for the request that its job was sent for. What is traced in it stands under the span that
 * was active where the job was sent, stages as always under the request's root, so a worker never begins a trace of
 * its own. A job without a request is run all the same, with an empty ID, and is not tracked.
 *
 * @param job what {@link jobData} made, or data with at least a `correlation_id`
 */
export function runJob<J extends Job, T>(job: J, handle: (correlationId: string, job: J) => T): T {
  const carrier = carrierIn(job)
  const request = requestOf(carrier)
  if (request === undefined) {
    warnOnce('no request', 'a job came without its request and is not tracked. Make its data with jobData().')
    return handle('', job)
  }
  // A foreign request's correlation ID does not always lead back to its trace.
  const id = request.ours ? request.correlationId : request.traceId
  const sent = contextOf(carrier)
  const isInTrace = trace.getSpanContext(sent)?.traceId === request.traceId
  return context.with(isInTrace ? sent : contextOf(headersOf(id)), () => handle(id, job))
}

function carrierIn({ data }: Job): Readonly<Record<string, unknown>> {
  if (typeof data !== 'object' || data === null) return {}
  const { [JOB_REQUEST]: headers, [JOB_CORRELATION_ID]: id } = data as Record<string, unknown>
  if (typeof headers === 'object' && headers !== null) return headers as Record<string, unknown>
  return { [HEADER_CORRELATION_ID]: id }
}
