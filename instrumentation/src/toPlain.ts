/** Plain data; what it holds is JSON. */
export type Plain = string | number | boolean | null | Plain[] | { [key: string]: Plain }

const MAX_DEPTH = 8
const MAX_VALUES = 1000
const MAX_CHARACTERS = 65_536

/**
 * Whatever a host hands over, as plain data that OTLP can carry: maps, lists, text, finite numbers, booleans.
 *
 * Never throws. What has no such form is said in words (`[circular]`, `[unreadable]`, `[12 bytes]`), what is
 * undefined or a function is left out, and what is too big is cut: 8 levels, 1000 values, 65536 characters a text.
 */
export function toPlain(value: unknown): Plain | undefined {
  let left = MAX_VALUES
  const above = new Set<object>()

  function convert(item: unknown, depth: number): Plain | undefined {
    left -= 1
    if (left < 0) return left === -1 ? '[more]' : undefined
    switch (typeof item) {
      case 'string':
        return item.slice(0, MAX_CHARACTERS).toWellFormed()
      case 'boolean':
        return item
      case 'number':
        // An integer beyond 2^53 would be sent as an int64 that it is not.
        return Number.isSafeInteger(item) || (Number.isFinite(item) && !Number.isInteger(item))
          ? item
          : String(item)
      case 'bigint':
        return String(item)
      case 'object':
        return item === null ? null : convertObject(item, depth)
      default:
        return undefined
    }
  }

  function convertObject(item: object, depth: number): Plain | undefined {
    if (above.has(item)) return '[circular]'
    if (depth >= MAX_DEPTH) return '[too deep]'
    above.add(item)
    try {
      if (item instanceof Error) return convert({ type: item.name, message: item.message }, depth)
      if (item instanceof Date) return Number.isNaN(item.getTime()) ? String(item) : item.toISOString()
      if (ArrayBuffer.isView(item)) return `[${item.byteLength} bytes]`
      if (item instanceof Map) return convert(Object.fromEntries(item), depth)
      if (item instanceof Set) return convert([...item], depth)
      if ('toJSON' in item && typeof item.toJSON === 'function') return convert(item.toJSON(), depth + 1)
      return Array.isArray(item) ? convertList(item, depth) : convertMap(item, depth)
    } catch {
      return '[unreadable]'
    } finally {
      above.delete(item)
    }
  }

  function convertList(items: unknown[], depth: number): Plain {
    const list: Plain[] = []
    for (let index = 0; index < items.length && left >= 0; index += 1) {
      list.push(convert(items[index], depth + 1) ?? null)
    }
    return list
  }

  function convertMap(item: object, depth: number): Plain {
    const map: Record<string, Plain> = {}
    for (const key of Object.keys(item)) {
      if (left < 0) break
      const converted = convert(readProperty(item, key), depth + 1)
      if (converted !== undefined) setProperty(map, key.slice(0, 200).toWellFormed(), converted)
    }
    return map
  }

  return convert(value, 0)
}

/** Of a host's object, whose getters may throw. */
export function readProperty(item: object, key: string): unknown {
  try {
    return (item as Record<string, unknown>)[key]
  } catch {
    return '[unreadable]'
  }
}

/** As an own property even where it is called `__proto__`. */
function setProperty(map: Record<string, Plain>, key: string, value: Plain): void {
  Object.defineProperty(map, key, { value, enumerable: true, writable: true, configurable: true })
}

/** The properties of a value as attributes; a value that is no map stands under `value`. */
export function toAttributes(data: unknown): Record<string, Plain> {
  if (data === undefined) return {}
  const value = toPlain(data)
  if (value === undefined || value === null) return {}
  if (typeof value === 'object' && !Array.isArray(value)) return value
  return { value }
}

/** Text from a host that may not keep to its types; `undefined` for nothing. */
export function toText(value: unknown): string | undefined {
  if (value === undefined) return undefined
  const plain = toPlain(value)
  if (plain === undefined || plain === null) return undefined
  return typeof plain === 'string' ? plain : JSON.stringify(plain)
}
