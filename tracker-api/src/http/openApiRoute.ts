import { Hono } from 'hono'
import { answerIfChanged } from './answerIfChanged.ts'
import { createOpenApi } from './createOpenApi.ts'
import { jsonResponse } from './jsonResponse.ts'
import { problemResponse } from './problem.ts'

/** `GET /api/v1/openapi.json`: the OpenAPI document. */
export function openApiRoute(): Hono {
  const document = JSON.stringify(createOpenApi())
  const allow = { headers: { allow: 'GET, HEAD' } }
  return new Hono()
    .get('/api/v1/openapi.json', answerIfChanged, () => jsonResponse(document))
    .all('/api/v1/openapi.json', () => problemResponse(405, 'This is read with GET.', allow))
}
