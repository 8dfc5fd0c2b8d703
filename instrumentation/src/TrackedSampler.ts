import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace'
import type { Sampler, SamplingResult } from '@opentelemetry/sdk-trace'
import { parseIdentity } from './identity.ts'
import { environment } from './readEnvironment.ts'
import { warn } from './warnOnce.ts'

/** Takes every span of a request of ours; of other traces what the host's sampler takes. */
export class TrackedSampler implements Sampler {
  readonly #others: Sampler

  /** @param others decides on every trace that is no request of ours */
  constructor(others: Sampler) {
    this.#others = others
  }

  /** Takes what belongs to a request of ours and leaves the rest to the host's sampler. */
  shouldSample(...asked: Parameters<Sampler['shouldSample']>): SamplingResult {
    const [, traceId] = asked
    const ours = traceId.startsWith('c1d') && parseIdentity(traceId)?.ours === true
    return ours ? { decision: SamplingDecision.RECORD_AND_SAMPLED } : this.#others.shouldSample(...asked)
  }

  /** As the SDK's own samplers name themselves. */
  toString(): string {
    return `TrackedSampler{${String(this.#others)}}`
  }
}

/** What `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG` name; the SDK keeps its own reader to itself. */
export function samplerFromEnvironment(): Sampler {
  const name = environment('OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on'
  const root = SAMPLERS[name.replace(/^parentbased_/, '')]
  if (root === undefined) {
    warn(`OTEL_TRACES_SAMPLER is ${JSON.stringify(name)}, which is no sampler; using parentbased_always_on.`)
    return new ParentBasedSampler({ root: new AlwaysOnSampler() })
  }
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root: root() }) : root()
}

const SAMPLERS: Record<string, (() => Sampler) | undefined> = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: () => new TraceIdRatioBasedSampler(samplingRatio()),
}

function samplingRatio(): number {
  const text = environment('OTEL_TRACES_SAMPLER_ARG')
  const ratio = text === undefined ? 1 : Number(text)
  if (ratio >= 0 && ratio <= 1) return ratio
  warn(`OTEL_TRACES_SAMPLER_ARG is ${JSON.stringify(text)}, not a number from 0 to 1; using 1.`)
  return 1
}
