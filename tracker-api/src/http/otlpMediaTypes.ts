import type { Encoding } from '../otlp/decode.ts'

export const mediaTypes: Record<Encoding, string> = {
  json: 'application/json',
  protobuf: 'application/x-protobuf',
}

/** The encoding that a Content-Type names; undefined for others and for a charset that is not UTF-8. */
export function encodingOf(contentType: string | undefined): Encoding | undefined {
  const [mediaType = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim().toLowerCase())
  const isUtf8 = parameters.every((parameter) => !/^charset\s*=(?!\s*"?utf-?8"?$)/.test(parameter))
  if (!isUtf8) return undefined
  if (mediaType === mediaTypes.json) return 'json'
  return mediaType === mediaTypes.protobuf ? 'protobuf' : undefined
}
