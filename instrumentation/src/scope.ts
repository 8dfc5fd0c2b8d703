import { logs, trace } from '@opentelemetry/api'
import type { Logger, Meter, MeterProvider, Tracer } from '@opentelemetry/api'

const NAME = '@vividly/instrumentation'
const VERSION = '0.1.0'

// Asked for at each use: the host may set its providers after it made its tracker.
export const tracer = (): Tracer => trace.getTracer(NAME, VERSION)
export const logger = (): Logger => logs.getLogger(NAME, VERSION)
export const meterOf = (provider: MeterProvider): Meter => provider.getMeter(NAME, VERSION)
