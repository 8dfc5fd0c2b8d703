import { ATTR_HOST_NAME, ATTR_SERVICE_INSTANCE_ID, ATTR_SERVICE_NAME } from '@vividly/instrumentation/semconv'
import type { SpanSignal } from '../signal.ts'
import { MAX_NAME_BYTES } from './limits.ts'
import { toText } from './toText.ts'
import type { WireAttribute } from './wire.ts'

export type Source = Pick<SpanSignal, 'service' | 'host' | 'instance'>

/** Who sent it, from the resource; of a key that comes twice the last, as for all attributes. */
export function toSource(resource: readonly WireAttribute[]): Source {
  const text = (wanted: string) => {
    const value = resource.findLast(({ key }) => key === wanted)?.value
    return typeof value === 'string' && value !== '' ? toText(value, MAX_NAME_BYTES) : null
  }
  return { service: text(ATTR_SERVICE_NAME), host: text(ATTR_HOST_NAME), instance: text(ATTR_SERVICE_INSTANCE_ID) }
}
