/**
 * What the tracker shows of a request, computed anew and as simply as can be from all that was told: no SQL, no batches,
 * no order. It shares no code with the tracker but the wire's types and the conventions' names.
 *
 * - word: one signal's say on a stage. A stage is what its best words say: the greatest (attempt, rank of the state).
 */
import { createHash } from 'node:crypto'
import { DEFAULT_STAGES } from '@vividly/instrumentation/semconv'
import type { WireLogRecord, WireSpan, WireValue } from '../../tracker-api/src/otlp/wire.ts'
import type { History, Told } from './historyArbitrary.ts'

type State = 'in_progress' | 'skipped' | 'failed' | 'completed'
type Word = {
  stage: string
  attempt: number
  state: State
  /** Microseconds, as all times here. */
  at: number
  startedAt: number | null
  error: string | null
  output: string | null
  nextAttemptAt: number | null
  maxRetries: number | null
  worker: string
}

export type ModelStage = {
  name: string
  order: number
  status: State
  attempt: number
  started_at: number | null
  completed_at: number | null
  error_message: string | null
  output: string | null
  next_attempt_at: number | null
  max_retries: number
  worker: string
}
export type ModelRequest = {
  id: string
  trace_id: string
  status: string
  current_stage: string | null
  progress: number
  created_at: number
  started_at: number | null
  ended_at: number | null
  retry_count: number
  error_message: string | null
  error_stage: string | null
  topic: string | null
  organization: string | null
  student: string | null
  video_url: string | null
  stages: ModelStage[]
  /** `type/stage/attempt` with the time shown, sorted; records without such an identity by their uid. */
  events: string[]
  spans: number
}

const states: State[] = ['in_progress', 'skipped', 'failed', 'completed']
const ends = ['cancelled', 'failed', 'completed']
const statuses = ['validating', 'retrieving', 'generating_script', 'generating_video', 'processing_video', 'notifying']

export function modelOf({ traceId, isOurs, told }: History): ModelRequest {
  const stages = [...Map.groupBy(told.flatMap(wordsOf), ({ stage }) => stage)]
    .map(([name, words]) => stageOf(name, words))
    .sort((a, b) => a.order - b.order)
  const requestLevel = told.filter((one) => isRequestLevel(one, traceId, isOurs))
  const first = <T>(from: Told[], read: (one: Told) => T | null): T | null =>
    from.filter((one) => read(one) !== null).sort((a, b) => endOf(a) - endOf(b)).map(read)[0] ?? null
  const outcome = ends.findLast((end) => requestLevel.some((one) => outcomeOf(one) === end))
  const createdAt = isOurs ? Number(traceId.slice(3, 16)) * 1000 : Math.min(...told.map(startOf))
  const running = stages.filter(({ order, status }) => order < 1000 && status === 'in_progress')
  const begun = stages.filter(({ order, status, started_at }) => order < 1000 && (started_at !== null || status !== 'skipped'))
  const furthest = running.at(-1) ?? begun.at(-1)
  const passed = stages.filter(({ status }) => status !== 'failed').length
  const broken = stages.filter(({ status }) => status === 'failed').sort((a, b) => (b.completed_at ?? 0) - (a.completed_at ?? 0))[0]
  const reported = first(requestLevel, (one) => (outcomeOf(one) === 'failed' ? one : null))
  const started = first(requestLevel, (one) => ('log' in one && one.log.eventName === 'vividly.request.started' ? endOf(one) : null))
  const startedAt = least([started, ...stages.map(({ started_at }) => started_at)])
  return {
    id: requestIdOf(traceId, isOurs),
    trace_id: traceId,
    status: outcome ?? (furthest ? (statuses[furthest.order - 1] ?? '') : 'pending'),
    current_stage: outcome ? null : (furthest?.name ?? null),
    progress: outcome === 'completed' ? 100 : Math.min(99, Math.floor((100 * passed) / (6 + stages.filter(({ order }) => order === 1000).length))),
    created_at: createdAt,
    started_at: startedAt,
    ended_at: outcome ? first(requestLevel, (one) => (outcomeOf(one) === outcome ? endOf(one) : null)) : null,
    retry_count: stages.reduce((sum, { attempt }) => sum + attempt - 1, 0),
    error_message: outcome === 'completed' ? null : ((reported && errorOf(reported)) ?? broken?.error_message ?? null),
    error_stage: outcome === 'completed' ? null : ((reported && text(reported, 'vividly.stage.name')) ?? broken?.name ?? null),
    topic: first(requestLevel, (one) => text(one, 'vividly.request.topic')),
    organization: first(told, (one) => text(one, 'vividly.organization.id')),
    student: first(requestLevel, (one) => text(one, 'user.id')),
    video_url: first(requestLevel, (one) => text(one, 'vividly.request.video_url')),
    stages,
    events: eventsOf(told, traceId, isOurs),
    spans: new Set(told.flatMap((one) => ('span' in one ? [one.span.spanId] : []))).size,
  }
}

function stageOf(name: string, words: Word[]): ModelStage {
  const rank = ({ attempt, state }: Word): number => attempt * 10 + states.indexOf(state)
  const top = Math.max(...words.map(rank))
  const best = words.filter((word) => rank(word) === top).sort((a, b) => a.at - b.at)
  const [earliest] = best
  if (!earliest) throw new Error('A stage has at least one word')
  const known = (DEFAULT_STAGES as readonly string[]).indexOf(name)
  return {
    name,
    order: known === -1 ? 1000 : known + 1,
    status: earliest.state,
    attempt: earliest.attempt,
    started_at: least(words.map(({ startedAt }) => startedAt)),
    completed_at: earliest.state === 'in_progress' ? null : Math.max(...best.map(({ at }) => at)),
    error_message: best.find(({ error }) => error !== null)?.error ?? null,
    output: best.find(({ output }) => output !== null)?.output ?? null,
    next_attempt_at: greatest(best.map(({ nextAttemptAt }) => nextAttemptAt)),
    max_retries: greatest(words.map(({ maxRetries }) => maxRetries)) ?? 3,
    worker: earliest.worker,
  }
}

function wordsOf(one: Told): Word[] {
  const stage = text(one, 'vividly.stage.name')
  const state = stateOf(one)
  if (stage === null || state === null) return []
  const saidMost = integer(one, 'vividly.stage.max_attempts')
  const isRetry = 'log' in one && one.log.eventName === 'vividly.retry'
  return [{
    stage,
    attempt: integer(one, 'vividly.stage.attempt') ?? 1,
    state,
    at: endOf(one),
    startedAt: 'span' in one || state === 'in_progress' ? startOf(one) : null,
    error: state === 'failed' ? errorOf(one) : null,
    output: text(one, 'vividly.stage.output'),
    nextAttemptAt: isRetry ? endOf(one) + 1000 * (integer(one, 'vividly.retry.delay_ms') ?? 0) : null,
    maxRetries: saidMost === null ? null : saidMost - 1,
    worker: `${one.by.service}/${one.by.instance}`,
  }]
}

function stateOf(one: Told): State | null {
  if ('span' in one) return one.span.statusCode === 2 ? 'failed' : 'completed'
  const [, said] = /^vividly\.stage\.(\w+)$/.exec(one.log.eventName) ?? []
  if (one.log.eventName === 'vividly.retry') return 'failed'
  if (said === 'started' || said === 'heartbeat') return 'in_progress'
  return states.find((state) => state === said) ?? null
}

function isRequestLevel(one: Told, traceId: string, isOurs: boolean): boolean {
  return 'log' in one ? one.log.eventName.startsWith('vividly.request.') : isRoot(one.span, traceId, isOurs)
}

function isRoot(span: WireSpan, traceId: string, isOurs: boolean): boolean {
  const hasStage = span.attributes.some(({ key }) => key === 'vividly.stage.name')
  return !hasStage && (isOurs ? span.spanId === traceId.slice(16) : span.parentSpanId === '')
}

function outcomeOf(one: Told): string | null {
  const said = 'log' in one ? one.log.eventName.replace('vividly.request.', '') : text(one, 'vividly.request.status')
  return said !== null && ends.includes(said) ? said : null
}

function errorOf(one: Told): string | null {
  const said = 'span' in one ? one.span.statusMessage : ((text(one, 'vividly.retry.reason') ?? one.log.body) as string | null)
  return text(one, 'exception.message') ?? (said || null)
}

/** One row for each life-cycle event of a stage and attempt, whoever told it; the services' own word before a span's. */
function eventsOf(told: Told[], traceId: string, isOurs: boolean): string[] {
  const rows = new Map<string, { at: number; isOwn: boolean }>()
  const see = (key: string, at: number, isOwn: boolean): void => {
    const seen = rows.get(key)
    const isBetter = !seen || (isOwn !== seen.isOwn ? isOwn : key.startsWith('stage_heartbeat') ? at > seen.at : at < seen.at)
    if (isBetter) rows.set(key, { at, isOwn })
  }
  for (const one of told) {
    const stage = text(one, 'vividly.stage.name')
    const attempt = integer(one, 'vividly.stage.attempt') ?? 1
    const suffix = stage === null ? '' : `/${stage}/${attempt}`
    if ('log' in one) {
      const type = one.log.eventName.replace('vividly.', '').replaceAll('.', '_')
      const hasOwnKey = type.startsWith('stage_') || type.startsWith('request_')
      see(hasOwnKey ? type + suffix : `${type}${suffix}/${text(one, 'log.record.uid')}`, endOf(one), true)
    } else if (stage !== null) {
      see(`stage_started${suffix}`, startOf(one), false)
      see(`stage_${stateOf(one)}${suffix}`, endOf(one), false)
    } else if (isRoot(one.span, traceId, isOurs)) {
      see('request_created', startOf(one), false)
      see(`request_${outcomeOf(one)}`, endOf(one), false)
    }
  }
  return [...rows].map(([key, { at }]) => `${key.split('/').slice(0, 3).join('/')} ${at}`).sort()
}

/** The trace's own spelling as a UUID; a foreign one that looks like a time of ours is set apart. */
function requestIdOf(traceId: string, isOurs: boolean): string {
  const hex = !isOurs && /^c1d\d/.test(traceId) ? `c1e${traceId.slice(3)}` : traceId
  if (isOurs) checkDigits(traceId)
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

function checkDigits(traceId: string): void {
  const digest = createHash('sha256').update(`vvd_${traceId.slice(3, 16)}_${traceId.slice(24)}`).digest('hex')
  if (digest.slice(0, 8) !== traceId.slice(16, 24)) throw new Error(`${traceId} is none of ours`)
}

function attribute(one: Told, name: string): WireValue | undefined {
  const { attributes }: WireLogRecord | WireSpan = 'log' in one ? one.log : one.span
  return attributes.find(({ key }) => key === name)?.value
}
function text(one: Told, name: string): string | null {
  return (attribute(one, name) as string | undefined) ?? null
}
function integer(one: Told, name: string): number | null {
  const value = attribute(one, name)
  return value === undefined ? null : Number(value)
}
function startOf(one: Told): number {
  return Number(('log' in one ? one.log.timeUnixNano : one.span.startTimeUnixNano) / 1000n)
}
function endOf(one: Told): number {
  return Number(('log' in one ? one.log.timeUnixNano : one.span.endTimeUnixNano) / 1000n)
}
function least(times: (number | null)[]): number | null {
  const said = times.filter((time) => time !== null)
  return said.length === 0 ? null : Math.min(...said)
}
function greatest(times: (number | null)[]): number | null {
  const said = times.filter((time) => time !== null)
  return said.length === 0 ? null : Math.max(...said)
}
