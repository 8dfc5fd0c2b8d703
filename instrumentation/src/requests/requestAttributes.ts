import type { Attributes } from '@opentelemetry/api'
import {
  ATTR_ORGANIZATION_ID,
  ATTR_REQUEST_LEARNING_OBJECTIVE,
  ATTR_REQUEST_SCRIPT_TEXT,
  ATTR_REQUEST_THUMBNAIL_URL,
  ATTR_REQUEST_TOPIC,
  ATTR_REQUEST_VIDEO_URL,
  ATTR_USER_FULL_NAME,
  ATTR_USER_ID,
} from '../semconv.ts'
import { readProperty, toText } from '../toPlain.ts'

/** Who asks for what. */
export type NewRequest = {
  /** The request's identity, in any spelling, where it has one already; default a new one. */
  id?: string
  studentId: string
  studentName?: string
  organizationId?: string
  topic: string
  learningObjective?: string
}

/** What a completed request has brought. */
export type RequestResult = { videoUrl?: string; thumbnailUrl?: string; scriptText?: string }

const REQUEST_FIELDS = {
  organizationId: ATTR_ORGANIZATION_ID,
  studentId: ATTR_USER_ID,
  studentName: ATTR_USER_FULL_NAME,
  topic: ATTR_REQUEST_TOPIC,
  learningObjective: ATTR_REQUEST_LEARNING_OBJECTIVE,
} as const satisfies Partial<Record<keyof NewRequest, string>>

const RESULT_FIELDS = {
  videoUrl: ATTR_REQUEST_VIDEO_URL,
  thumbnailUrl: ATTR_REQUEST_THUMBNAIL_URL,
  scriptText: ATTR_REQUEST_SCRIPT_TEXT,
} as const satisfies Record<keyof RequestResult, string>

export const requestAttributes = (request: NewRequest): Attributes => pick(request, REQUEST_FIELDS)
export const resultAttributes = (result: RequestResult): Attributes => pick(result, RESULT_FIELDS)

function pick(source: object, fields: Record<string, string>): Attributes {
  const attributes: Attributes = {}
  for (const [field, attribute] of Object.entries(fields)) {
    const text = toText(readProperty(source, field))
    if (text !== undefined) attributes[attribute] = text
  }
  return attributes
}
