export type OtlpValue = {
  stringValue?: string
  boolValue?: boolean
  intValue?: number | string
  doubleValue?: number
  arrayValue?: { values: OtlpValue[] }
  kvlistValue?: { values: OtlpAttribute[] }
}
export type OtlpAttribute = { key: string; value: OtlpValue }

export function toPlainAttributes(attributes: OtlpAttribute[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, toPlainValue(value)]))
}

function toPlainValue(value: OtlpValue): unknown {
  if (value.arrayValue !== undefined) return value.arrayValue.values.map(toPlainValue)
  if (value.kvlistValue !== undefined) return toPlainAttributes(value.kvlistValue.values)
  if (value.intValue !== undefined) return Number(value.intValue)
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? null
}
