import crypto from 'k6/crypto'

export type Identity = { correlationId: string; traceId: string; rootSpanId: string }

/** As the instrumentation's `newCorrelationId` and `traceIdOf`, which k6's engine can't run: it has no `node:crypto`. */
export function newIdentity(createdMs: number): Identity {
  const random = Math.floor(Math.random() * 2 ** 32).toString(16).padStart(8, '0')
  const correlationId = `vvd_${createdMs}_${random}`
  const traceId = `c1d${createdMs}${crypto.sha256(correlationId, 'hex').slice(0, 8)}${random}`
  return { correlationId, traceId, rootSpanId: traceId.slice(16) }
}
