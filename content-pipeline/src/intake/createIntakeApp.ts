import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RequestTracker } from '@vividly/instrumentation'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { JobQueue } from '../store/JobQueue.ts'
import type { RequestStore } from '../store/RequestStore.ts'

const MAX_BODY_BYTES = 16 * 1024
const STATUS_PATH = '/api/v1/monitoring/requests/'

/** Postgres keeps no NUL. */
const text = (longest: number) =>
  z.string().trim().min(1).max(longest).refine((value) => !value.includes('\0'), 'must not contain a NUL character')
const contentRequestSchema = z.object({
  student_id: text(100),
  student_name: text(200).optional(),
  organization_id: text(100).optional(),
  topic: text(300),
  learning_objective: text(1000).optional(),
})

export type IntakeParts = {
  store: Pick<RequestStore, 'insert'>
  queue: Pick<JobQueue, 'send'>
  tracker: Pick<RequestTracker, 'createRequest' | 'failRequest'>
  dataDir: string
  log: Logger
}

/**
 * The front door:
 * - `POST /content-requests {student_id, student_name?, organization_id?, topic, learning_objective?}`
 *   → 202 `{correlation_id, request_id, status_url}`; 400, 413 and 503 as problem documents.
 * - `GET /cdn/{correlation_id}/video.svg|thumbnail.svg`: the finished files.
 */
export function createIntakeApp({ store, queue, tracker, dataDir, log }: IntakeParts): Hono {
  const tooLarge = () => problem(413, 'The body is too large', `At most ${MAX_BODY_BYTES} bytes are read.`)
  return new Hono()
    .post('/content-requests', bodyLimit({ maxSize: MAX_BODY_BYTES, onError: tooLarge }), async (c) => {
      const wanted = contentRequestSchema.safeParse(await c.req.json().catch(() => undefined))
      if (!wanted.success) return problem(400, 'The content request is not valid', z.prettifyError(wanted.error))
      const request = {
        studentId: wanted.data.student_id,
        studentName: wanted.data.student_name,
        organizationId: wanted.data.organization_id,
        topic: wanted.data.topic,
        learningObjective: wanted.data.learning_objective,
      }
      // The tracker gives the request its identity, and shows it from this moment on.
      const { correlationId, requestId } = tracker.createRequest(withoutUndefined(request))
      try {
        await store.insert({ correlationId, ...request }, (client) => queue.send('content-script', correlationId, client))
      } catch (error) {
        log.error({ err: error, correlationId }, 'could not accept a request')
        tracker.failRequest(correlationId, error)
        return problem(503, 'The request could not be stored', 'Try again in a moment.', { 'Retry-After': '2' })
      }
      const body = { correlation_id: correlationId, request_id: requestId, status_url: `${STATUS_PATH}${correlationId}` }
      return c.json(body, 202)
    })
    .get('/cdn/:id{vvd_\\d{13}_[0-9a-f]{8}}/:file{(?:video|thumbnail)\\.svg}', async (c) => {
      const { id, file } = c.req.param()
      const content = await readFile(join(dataDir, 'cdn', id, file)).catch(() => undefined)
      if (!content) return problem(404, 'There is no such file', `${file} of ${id} is not in the CDN folder.`)
      // Drawn from what students wrote: nothing in it may run.
      const headers = { 'Content-Type': 'image/svg+xml', 'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox" }
      return c.body(content, 200, headers)
    })
    .get('/healthz', (c) => c.text('ok'))
}

function problem(status: number, title: string, detail: string, headers: Record<string, string> = {}): Response {
  const body = JSON.stringify({ type: 'about:blank', title, status, detail })
  return new Response(body, { status, headers: { ...headers, 'Content-Type': 'application/problem+json' } })
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> }
type WithoutUndefined<T> = Defined<Pick<T, { [K in keyof T]: undefined extends T[K] ? never : K }[keyof T]>> &
  Partial<Defined<T>>
const withoutUndefined = <T extends object>(object: T) =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as WithoutUndefined<T>
