import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { RequestTracker, startInstrumentation } from '@vividly/instrumentation'
import { DEFAULT_STAGES } from '@vividly/instrumentation/semconv'
import { readJsonLogRecords, readJsonSpans } from '../tracker-api/src/otlp/readJson.ts'
import type { WireGroup, WireLogRecord, WireSpan } from '../tracker-api/src/otlp/wire.ts'

export type Recorded = {
  correlationId: string
  /** A group of one each, so that they can be told in any order. */
  spans: WireGroup<WireSpan>[]
  logs: WireGroup<WireLogRecord>[]
}

/** One request with a retry and a failed, but not fatal, provider call: as the real SDK tells it. */
export async function recordRequest(): Promise<Recorded> {
  const spans: WireGroup<WireSpan>[] = []
  const logs: WireGroup<WireLogRecord>[] = []
  const server = createServer(async (request, response) => {
    const body = await buffer(request)
    if (request.url === '/v1/traces') spans.push(...readJsonSpans(body).flatMap(apart))
    else logs.push(...readJsonLogRecords(body).flatMap(apart))
    response.setHeader('content-type', 'application/json').end('{}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const instrumentation = startInstrumentation({ serviceName: 'recorder' })
  const tracker = new RequestTracker()
  const { correlationId } = tracker.createRequest({
    studentId: 'student-1',
    studentName: 'Jane Doe',
    organizationId: 'north',
    topic: 'Photosynthesis',
  })
  tracker.startRequest(correlationId)
  for (const name of DEFAULT_STAGES) {
    await tracker.trackStage(correlationId, name, (stage) => {
      if (name === 'script_generation') {
        stage.retry({ delayMs: 20, reason: '429', error: new Error('quota exceeded') })
        stage.startAttempt()
      }
      stage.progress(0.5, 'half way')
      stage.log('api_call', { message: 'called', data: { tokens: 12, ratio: 0.25, big: 9_007_199_254_740_993n } })
      stage.output({ of: name, list: [1, 'two', null] })
    })
  }
  tracker.completeRequest(correlationId, { videoUrl: 'https://cdn.example/v', scriptText: 'Once upon a time' })
  await instrumentation.flush()
  await instrumentation.shutdown()
  server.close()
  server.closeAllConnections()
  return { correlationId, spans, logs }
}

function apart<T>(group: WireGroup<T>): WireGroup<T>[] {
  return group.records.map((record) => ({ ...group, records: [record] }))
}
