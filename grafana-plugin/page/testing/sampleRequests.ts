/** Requests as the tracker would tell them, for tests and pictures; all times hang on `nowMs`. */
import type {
  CircuitBreaker,
  RequestDetail,
  RequestEvent,
  RequestRow,
  RequestSpan,
  RequestStatus,
  StageDetail,
  StageStatus,
} from '@vividly/tracker-api/contract'

const STAGES = [
  ['validation', 'validating', 2],
  ['rag_retrieval', 'retrieving', 10],
  ['script_generation', 'generating_script', 30],
  ['video_generation', 'generating_video', 120],
  ['video_processing', 'processing_video', 20],
  ['notification', 'notifying', 2],
] as const satisfies readonly (readonly [string, RequestStatus, number])[]
const STAGE_LENGTH_FACTOR = 0.94

export type SampleOptions = {
  /** From 0 on; makes the ID. */
  index: number
  nowMs: number
  ageS: number
  topic: string | null
  student: string | null
  outcome?: 'completed' | 'failed' | 'cancelled'
  /** How long ago it ended, where it has. */
  endedAgoS?: number
  failedStage?: string
  error?: string
  retriedStage?: string
  /** Its end is known, as where stages have been seen often enough. */
  foreseen?: boolean
  /** The provider whose open breaker stopped the last try of `retriedStage`. */
  stoppedBy?: string
  version?: number
}

/** A request that has come as far as its age and the stages' usual durations bring it. */
export function sampleRequest(options: SampleOptions): RequestDetail {
  const { index, nowMs, ageS, outcome, endedAgoS = 0, retriedStage } = options
  const createdMs = nowMs - ageS * 1000
  const random = (0xa1b2c3d4 + index * 7919).toString(16).padStart(8, '0')
  const traceId = `c1d${String(createdMs).padStart(13, '0')}${(0x0d601345 + index).toString(16).padStart(8, '0')}${random}`
  const endMs = nowMs - endedAgoS * 1000
  const stages = sampleStages(options, createdMs, outcome ? endMs : nowMs)
  const reached = stages.findLast((stage) => stage.status !== 'pending')
  const counted = stages.filter((stage) => stage.status === 'completed' || stage.status === 'in_progress').length
  const status: RequestStatus = outcome ?? STAGES.find(([name]) => name === reached?.name)?.[1] ?? 'pending'
  const iso = (ms: number) => new Date(ms).toISOString()
  return {
    id: traceId.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
    correlation_id: `vvd_${createdMs}_${random}`,
    trace_id: traceId,
    pipeline_name: 'content_generation',
    organization_id: 'northside-high',
    student_id: `s-${1000 + index}`,
    student_name: options.student,
    topic: options.topic,
    learning_objective: 'Explain it to a younger student in two minutes',
    status,
    current_stage: outcome === 'completed' ? null : (reached?.name ?? null),
    progress_percentage: outcome === 'completed' ? 100 : Math.min(99, Math.floor((100 * counted) / STAGES.length)),
    created_at: iso(createdMs),
    started_at: reached ? iso(createdMs + 300) : null,
    completed_at: outcome === 'completed' ? iso(endMs) : null,
    failed_at: outcome === 'failed' ? iso(endMs) : null,
    cancelled_at: outcome === 'cancelled' ? iso(endMs) : null,
    video_url: outcome === 'completed' ? `https://cdn.example/videos/${random}.mp4` : null,
    script_text: null,
    thumbnail_url: null,
    error_message: outcome === 'failed' ? (options.error ?? null) : null,
    error_stage: outcome === 'failed' ? (options.failedStage ?? null) : (options.stoppedBy && options.retriedStage) || null,
    error_details:
      outcome === 'failed'
        ? { 'exception.type': 'ProviderError', 'exception.stacktrace': STACK, 'http.response.status_code': 504 }
        : options.stoppedBy
          ? { 'error.type': 'BreakerOpen', 'vividly.circuit_breaker.name': options.stoppedBy }
          : null,
    retry_count: stages.reduce((sum, stage) => sum + stage.retry_count, 0),
    total_duration_seconds: outcome ? (endMs - createdMs) / 1000 : null,
    elapsed_seconds: (outcome ? endMs - createdMs : ageS * 1000) / 1000,
    time_progress_ratio: outcome === 'completed' ? 1 : counted / STAGES.length,
    expected_end: options.foreseen && !outcome ? sampleEnd(createdMs, nowMs) : null,
    is_late: false,
    is_stalled: false,
    is_retrying: false,
    version: options.version ?? 1 + counted * 2 + (retriedStage ? 2 : 0),
    stages,
    warnings: [],
    links: { trace: null, logs: null },
    stream_cursor: 'epoch-1.100',
  }
}

function sampleStages(options: SampleOptions, createdMs: number, untilMs: number): StageDetail[] {
  const { outcome, failedStage, retriedStage, error } = options
  const failedAt = STAGES.findIndex(([name]) => name === failedStage)
  let atMs = createdMs + 300
  return STAGES.map(([name, , expectedS], index) => {
    const isLast = failedAt === index
    const skippedByEnd = failedAt >= 0 && index > failedAt
    const lengthMs = expectedS * 1000 * STAGE_LENGTH_FACTOR
    const endsMs = isLast ? untilMs : atMs + lengthMs
    const begun = !skippedByEnd && (outcome === 'completed' || atMs < untilMs)
    const status: StageStatus = !begun
      ? 'pending'
      : isLast
        ? 'failed'
        : endsMs <= untilMs || outcome === 'completed'
          ? 'completed'
          : retriedStage === name
            ? 'failed'
            : 'in_progress'
    const startedMs = atMs
    atMs = endsMs
    const ended = status === 'completed' || isLast
    const retries = retriedStage === name ? 1 : isLast ? 3 : 0
    return {
      name,
      order: index + 1,
      status,
      started_at: begun ? new Date(startedMs).toISOString() : null,
      completed_at: ended ? new Date(endsMs).toISOString() : null,
      duration_seconds: ended ? (endsMs - startedMs) / 1000 : null,
      retry_count: begun ? retries : 0,
      max_retries: 3,
      error_message: status === 'failed' ? (error ?? 'The provider answered 503') : null,
      error_details: null,
      output_data: status === 'completed' && name === 'rag_retrieval' ? { chunks: 5, best_score: 0.91 } : null,
      expected_duration_seconds: expectedS,
      next_attempt_at: status === 'failed' && !isLast ? new Date(untilMs + 8_000).toISOString() : null,
      progress_ratio: status === 'in_progress' && name === 'video_generation' ? 0.4 : null,
      progress_message: status === 'in_progress' && name === 'video_generation' ? 'polling, 12 of 30 frames' : null,
    }
  })
}

/** As the stages' usual durations let it end; unknown where that has passed. */
function sampleEnd(createdMs: number, nowMs: number): RequestDetail['expected_end'] {
  const wholeS = STAGES.reduce((sum, [, , seconds]) => sum + seconds, 0)
  const at = (share: number) => new Date(Math.max(nowMs + 500, createdMs + wholeS * share * 1000)).toISOString()
  return createdMs + wholeS * 1000 > nowMs ? { earliest: at(0.85), likely: at(1), latest: at(1.4) } : null
}

export function toRow(detail: RequestDetail): RequestRow {
  const { warnings: _warnings, stream_cursor: _cursor, links: _links, stages, ...rest } = detail
  return { ...rest, stages: stages.map(({ name, status }) => ({ name, status })) }
}

export function sampleEvents(detail: RequestDetail): RequestEvent[] {
  const events: RequestEvent[] = []
  const add = (type: string, at: string, stage: string | null, message: string | null, severity: RequestEvent['severity'] = 'info') =>
    events.push({
      id: `${detail.id}-${events.length}`,
      event_type: type,
      event_message: message,
      severity,
      stage_name: stage,
      created_at: at,
      event_data: severity === 'error' ? { 'exception.type': 'ProviderError', 'exception.stacktrace': STACK } : null,
      source_service: 'content-worker',
      source_host: 'worker-1',
    })
  add('request_created', detail.created_at, null, null)
  if (detail.started_at) add('request_started', detail.started_at, null, null)
  for (const stage of detail.stages) {
    if (!stage.started_at) continue
    add('stage_started', stage.started_at, stage.name, null)
    if (stage.retry_count > 0) {
      add('retry', stage.started_at, stage.name, 'HTTP 503 from the provider; next try in 1.8 s', 'warning')
    }
    if (stage.completed_at && stage.status === 'completed') add('stage_completed', stage.completed_at, stage.name, null)
    if (stage.completed_at && stage.status === 'failed') {
      add('stage_failed', stage.completed_at, stage.name, stage.error_message, 'error')
    }
  }
  if (detail.failed_at) add('request_failed', detail.failed_at, null, detail.error_message, 'error')
  if (detail.completed_at) add('request_completed', detail.completed_at, null, null)
  return events
}

export function sampleBreaker(name: string, state: CircuitBreaker['state'], nowMs: number): CircuitBreaker {
  const counts = { calls: 1204, failures: state === 'closed' ? 3 : 41, slow_calls: state === 'closed' ? 0 : 58, rejected: state === 'open' ? 17 : 0 }
  const since = new Date(nowMs - (state === 'closed' ? 7_380_000 : 130_000)).toISOString()
  const retryAt = state === 'open' ? new Date(nowMs + 21_000).toISOString() : null
  const updatedAt = new Date(nowMs - 2_000).toISOString()
  return {
    name,
    state,
    ...counts,
    since,
    retry_at: retryAt,
    instances: [
      { service: 'content-worker', instance_id: 'w1', state, ...counts, since, retry_at: retryAt, updated_at: updatedAt },
    ],
  }
}

const STACK = `ProviderError: Nano Banana answered 504
    at pollVideo (worker/src/stages/videoGeneration.ts:48:11)
    at runStage (worker/src/runStage.ts:31:20)
    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)`

const TOPICS = [
  ['Photosynthesis in plants', 'Jane Doe'],
  ['Cell division: mitosis and meiosis', 'John Smith'],
  ['The causes of the First World War', 'Amara Okafor'],
  ['Newton’s third law with skateboards', 'Li Wei'],
  ['How vaccines train the immune system', 'Sofía Hernández'],
  ['Fractions on a number line', 'Noah Williams'],
  ['Plate tectonics and earthquakes', 'Yuki Tanaka'],
  ['The water cycle', 'Emma Müller'],
  ['Supply and demand in a school shop', 'Omar Haddad'],
  ['Why the sky is blue', 'Olivia Brown'],
] as const

/** A working morning: some in each stage, one retrying, two failed, the rest done. */
export function sampleMorning(nowMs: number, failures = true): RequestDetail[] {
  const at = (index: number, ageS: number, more: Partial<SampleOptions> = {}) => {
    const [topic, student] = TOPICS[index % TOPICS.length] ?? TOPICS[0]
    return sampleRequest({ index, nowMs, ageS, topic, student, ...more })
  }
  const active = [at(0, 132), at(1, 9), at(2, 0.1), at(3, 33), at(4, 168), at(5, 62, { retriedStage: 'video_generation' })]
  const failed = [
    at(6, 402, { outcome: 'failed', endedAgoS: 95, failedStage: 'video_generation', error: 'Nano Banana answered 504 Gateway Timeout four times' }),
    at(7, 1_290, { outcome: 'failed', endedAgoS: 1_200, failedStage: 'script_generation', error: 'Gemini: quota of requests per minute exceeded' }),
  ]
  const done = Array.from({ length: 14 }, (_, index) =>
    at(8 + index, 260 + index * 151, { outcome: 'completed', endedAgoS: 75 + index * 150 - (index % 3) * 4 }),
  )
  const cancelled = at(30, 1_700, { outcome: 'cancelled', endedAgoS: 1_640 })
  return [...active, ...(failures ? failed : []), ...done, cancelled]
}

/** A span for the request and each stage that has ended, and its provider's call below. */
export function sampleSpans(request: RequestDetail): RequestSpan[] {
  const root = request.trace_id.slice(16)
  const ended = request.completed_at ?? request.failed_at ?? request.cancelled_at
  const span = (id: string, parent: string | null, name: string, from: string, to: string, stage: string | null): RequestSpan => ({
    span_id: id,
    parent_span_id: parent,
    name,
    stage_name: stage,
    kind: 1,
    status_code: request.error_stage === stage && stage !== null ? 2 : 1,
    status_message: request.error_stage === stage && stage !== null ? request.error_message : null,
    started_at: from,
    ended_at: to,
    duration_seconds: (Date.parse(to) - Date.parse(from)) / 1000,
    attributes: { 'vividly.stage.name': stage },
    source_service: 'video-worker',
    source_host: 'worker-1',
  })
  const stages = request.stages.flatMap(({ name, started_at: from, completed_at: to, order }) => {
    if (from === null || to === null) return []
    const id = order.toString(16).padStart(16, 'a')
    return [span(id, root, name, from, to, name), span(order.toString(16).padStart(16, 'b'), id, 'POST', from, to, name)]
  })
  return ended === null ? stages : [span(root, null, request.pipeline_name, request.created_at, ended, null), ...stages]
}
