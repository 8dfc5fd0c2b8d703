import type { LogRecord } from './tellRequest.ts'
import { newIdentity } from './newIdentity.ts'
import type { Identity } from './newIdentity.ts'

export type LiveRequest = Identity

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } })
const at = (ms: number) => `${ms}000000`

/** A request that begins now and its first stage: what watchers should see at once. */
export function beginLive(nowMs: number): { live: LiveRequest; logs: LogRecord[] } {
  const live = newIdentity(nowMs)
  const told = { traceId: live.traceId, spanId: live.rootSpanId, timeUnixNano: at(nowMs) }
  const who = [
    text('vividly.organization.id', `org-${nowMs % 20}`), text('user.id', `student-${nowMs % 5_000}`),
    text('vividly.request.topic', 'Photosynthesis in Plants'),
  ]
  return {
    live,
    logs: [
      { ...told, eventName: 'vividly.request.created', attributes: who },
      { ...told, eventName: 'vividly.stage.started', attributes: [text('vividly.stage.name', 'validation')] },
    ],
  }
}

/** A sign of life of its stage. */
export function heartbeat({ traceId, rootSpanId }: LiveRequest, nowMs: number): LogRecord {
  const stage = [text('vividly.stage.name', 'validation'), { key: 'vividly.stage.attempt', value: { intValue: 1 } }]
  return { traceId, spanId: rootSpanId, timeUnixNano: at(nowMs), eventName: 'vividly.stage.heartbeat', attributes: stage }
}
