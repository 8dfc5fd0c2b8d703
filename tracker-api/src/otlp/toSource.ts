import { ATTR_HOST_NAME, ATTR_SERVICE_INSTANCE_ID, ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@vividly/instrumentation/semconv'
import type { ServiceVersion, SpanSignal } from '../signal.ts'
import { MAX_NAME_BYTES } from './limits.ts'
import { toText } from './toText.ts'
import type { WireAttribute } from './wire.ts'

export type Source = Pick<SpanSignal, 'service' | 'host' | 'instance'>

/** Who sent it, from the resource; of a key that comes twice the last, as for all attributes. */
export function toSource(resource: readonly WireAttribute[]): Source {
  return { service: named(resource, ATTR_SERVICE_NAME), host: named(resource, ATTR_HOST_NAME), instance: named(resource, ATTR_SERVICE_INSTANCE_ID) }
}

/** Of the resources of a batch, those that say which version of which service they are. */
export function toVersions(groups: readonly { resource: readonly WireAttribute[] }[]): { versions?: ServiceVersion[] } {
  const versions = groups.flatMap(({ resource }) => {
    const service = named(resource, ATTR_SERVICE_NAME)
    const version = named(resource, ATTR_SERVICE_VERSION)
    return service !== null && version !== null ? [{ service, version }] : []
  })
  return versions.length > 0 ? { versions } : {}
}

function named(resource: readonly WireAttribute[], wanted: string): string | null {
  const value = resource.findLast(({ key }) => key === wanted)?.value
  return typeof value === 'string' && value !== '' ? toText(value, MAX_NAME_BYTES) : null
}
