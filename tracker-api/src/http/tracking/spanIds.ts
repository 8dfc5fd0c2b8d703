import { createHash } from 'node:crypto'
import type { Identity } from '@vividly/instrumentation/identity'

/** 16 hex digits, the same at each call: the façade remembers nothing between what is told of one stage. */
export const stageSpanIdOf = ({ traceId }: Identity, stage: string): string => digest(`${traceId}/${stage}`)

export const attemptSpanIdOf = ({ traceId }: Identity, stage: string, attempt: number): string =>
  digest(`${traceId}/${stage}/${attempt}`)

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)
