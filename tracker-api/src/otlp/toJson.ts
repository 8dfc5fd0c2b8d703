import {
  ATTR_EXCEPTION_STACKTRACE,
  ATTR_REQUEST_SCRIPT_TEXT,
  ATTR_STAGE_OUTPUT,
} from '@vividly/instrumentation/semconv'
import type { Attributes, Json } from '../signal.ts'
import {
  MAX_ATTRIBUTES,
  MAX_ELEMENTS,
  MAX_KEY_LENGTH,
  MAX_LONG_TEXT_BYTES,
  MAX_TEXT_BYTES,
  MAX_VALUE_DEPTH,
} from './limits.ts'
import { NOTE_DROPPED_ATTRIBUTES, NOTE_TRUNCATED_TEXTS } from './notes.ts'
import { RefusedRecord } from './RefusedRecord.ts'
import { toText } from './toText.ts'
import type { Changes } from './toText.ts'
import type { WireAttribute, WireValue } from './wire.ts'

const longTextKeys = new Set([ATTR_REQUEST_SCRIPT_TEXT, ATTR_STAGE_OUTPUT, ATTR_EXCEPTION_STACKTRACE])
/** As keys of an object these reach what all objects share. */
const unsafeKeys = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * A record's attributes as JSON: at most {@link MAX_ATTRIBUTES}, of a key that comes twice the last.
 * What was dropped or cut is counted in notes among them. Throws {@link RefusedRecord} for `too_deep`.
 */
export function toJsonAttributes(
  attributes: readonly WireAttribute[],
  droppedBySender = 0,
  whenTooDeep: 'refuse' | 'mark' = 'refuse',
): Attributes {
  const changes: Changes = { truncatedTexts: 0, droppedAttributes: 0 }
  const json = toJsonMap(attributes, MAX_ATTRIBUTES, undefined, changes, whenTooDeep)
  const dropped = changes.droppedAttributes + Math.max(0, droppedBySender)
  if (dropped > 0) json[NOTE_DROPPED_ATTRIBUTES] = dropped
  if (changes.truncatedTexts > 0) json[NOTE_TRUNCATED_TEXTS] = changes.truncatedTexts
  return json
}

/** One value as JSON; integers beyond ±(2^53-1) become decimal text, NaN and infinities null, bytes base64. */
export function toJson(
  value: WireValue,
  maxTextBytes: number,
  changes: Changes = { truncatedTexts: 0, droppedAttributes: 0 },
  whenTooDeep: 'refuse' | 'mark' = 'refuse',
): Json {
  switch (typeof value) {
    case 'string':
      return toText(value, maxTextBytes, changes)
    case 'boolean':
      return value
    case 'number':
      // JSON has no -0 either, and the same data must look the same.
      return Number.isFinite(value) ? value + 0 : null
    case 'bigint':
      return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : String(value)
    case 'symbol':
      if (whenTooDeep === 'mark') return '[too deep]'
      throw new RefusedRecord('too_deep', tooDeepDetail)
    default:
      break
  }
  if (value === null) return null
  if (value instanceof Uint8Array) {
    const base64 = Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64')
    return toText(base64, maxTextBytes, changes)
  }
  if ('entries' in value) return toJsonMap(value.entries, MAX_ELEMENTS, maxTextBytes, changes, whenTooDeep)
  changes.droppedAttributes += Math.max(0, value.list.length - MAX_ELEMENTS)
  return value.list.slice(0, MAX_ELEMENTS).map((element) => toJson(element, maxTextBytes, changes, whenTooDeep))
}

const tooDeepDetail = `an attribute or the body is nested deeper than ${MAX_VALUE_DEPTH} levels`

function toJsonMap(
  attributes: readonly WireAttribute[],
  maxSize: number,
  maxTextBytes: number | undefined,
  changes: Changes,
  whenTooDeep: 'refuse' | 'mark',
): Attributes {
  const json: Attributes = {}
  let size = 0
  for (const { key: rawKey, value } of attributes) {
    if (rawKey === '' || rawKey.length > MAX_KEY_LENGTH || unsafeKeys.has(rawKey)) {
      changes.droppedAttributes++
      continue
    }
    const key = toText(rawKey, MAX_KEY_LENGTH * 3)
    const isNew = !Object.hasOwn(json, key)
    if (isNew && size === maxSize) {
      changes.droppedAttributes++
      continue
    }
    if (isNew) size++
    const maxBytes = maxTextBytes ?? (longTextKeys.has(key) ? MAX_LONG_TEXT_BYTES : MAX_TEXT_BYTES)
    json[key] = toJson(value, maxBytes, changes, whenTooDeep)
  }
  return json
}
