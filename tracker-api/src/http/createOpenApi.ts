import { STATUS_CODES } from 'node:http'
import { z } from 'zod'
import { API_BASE, problem } from '../contract.ts'
import { TRACKING_BASE, told } from '../trackingContract.ts'
import { ADMIN_BASE } from '../adminContract.ts'
import { adminOperations } from './admin/adminOperations.ts'
import type { AdminOperation } from './admin/adminOperations.ts'
import { apiOperations } from './apiOperations.ts'
import type { ApiOperation } from './apiOperations.ts'
import { trackingOperations } from './tracking/trackingOperations.ts'
import type { TrackingOperation } from './tracking/trackingOperations.ts'

type JsonObject = Record<string, unknown>

/** The OpenAPI 3.1 document of all that is read and told in JSON, made of the schemas that validate. */
export function createOpenApi(): JsonObject {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Vividly request tracker',
      version: '1',
      description: 'What happens to content requests. Keys are snake_case, times ISO 8601 in UTC, durations seconds.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths: Object.fromEntries([
      ...apiOperations.map((operation) => [API_BASE + operation.path, { get: describe(operation) }]),
      ...trackingOperations.map((operation) => [TRACKING_BASE + operation.path, { post: describeWrite(operation) }]),
      ...Object.entries(Object.groupBy(adminOperations, ({ path }) => path)).map(([path, operations = []]) => [
        ADMIN_BASE + path,
        Object.fromEntries(operations.map((operation) => [operation.method, describeAdmin(operation)])),
      ]),
    ]),
    components: { schemas: { Problem: jsonSchemaOf(problem, 'output') } },
  }
}

function describe({ path, summary, query, answer, mediaType = 'application/json', problems }: ApiOperation): JsonObject {
  const statuses = [400, ...problems, 405, 406, 500, 503].sort((a, b) => a - b)
  const content = { [mediaType]: { schema: answer ? jsonSchemaOf(answer, 'output') : { type: 'string' } } }
  return {
    operationId: operationIdOf(path),
    summary,
    parameters: [...pathParameters(path), ...queryParameters(query)],
    responses: {
      200: { description: summary, content },
      ...Object.fromEntries(statuses.map((status) => [status, problemAnswer(status)])),
    },
  }
}

function describeWrite({ path, summary, body }: TrackingOperation): JsonObject {
  const schema = jsonSchemaOf(body, 'input')
  const statuses = [400, 401, 403, 405, 408, 413, 415, 422, 429, 500, 503]
  return {
    operationId: operationIdOf(path, 'tell'),
    summary,
    parameters: [...pathParameters(path), idempotencyKey],
    requestBody: { required: true, content: { 'application/json': { schema } } },
    responses: {
      [path === '/requests' ? 201 : 200]: {
        description: 'Committed',
        content: { 'application/json': { schema: jsonSchemaOf(told, 'output') } },
      },
      ...Object.fromEntries(statuses.map((status) => [status, problemAnswer(status)])),
    },
  }
}

function describeAdmin({ method, path, summary, query, body, answer }: AdminOperation): JsonObject {
  const statuses = [400, 401, 403, 405, ...(body ? [408, 413, 415, 429] : []), 500, 503]
  const content = { 'application/json': { schema: jsonSchemaOf(answer, 'output') } }
  return {
    operationId: operationIdOf(path, method === 'get' ? 'list' : 'request'),
    summary,
    parameters: queryParameters(query),
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: jsonSchemaOf(body, 'input') } } } }),
    responses: {
      200: { description: summary, content },
      ...Object.fromEntries(statuses.map((status) => [status, problemAnswer(status)])),
    },
  }
}

const idempotencyKey: JsonObject = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same again is the same record, however often it is sent.',
  schema: { type: 'string', maxLength: 200 },
}

function operationIdOf(path: string, verb = 'get'): string {
  const words = path.replaceAll(/[{}]/g, '').split(/[/.-]/).filter(Boolean)
  return `${verb}${words.map((word) => (word[0] ?? '').toUpperCase() + word.slice(1)).join('')}`
}

function pathParameters(path: string): JsonObject[] {
  return [...path.matchAll(/{(\w+)}/g)].map(([, name = '']) => ({ name, in: 'path', required: true, ...pathParameter[name] }))
}

const pathParameter: Record<string, JsonObject> = {
  id: {
    description: 'Correlation ID, trace ID or request ID.',
    schema: { type: 'string', examples: ['vvd_1709234567890_a1b2c3d4'] },
  },
  stage: { description: 'The name of a stage.', schema: { type: 'string', minLength: 1, maxLength: 200, examples: ['validation'] } },
  name: {
    description: 'The name of a circuit breaker.',
    schema: { type: 'string', maxLength: 200, examples: ['nano_banana'] },
  },
}

function queryParameters(query: z.ZodRawShape): JsonObject[] {
  return Object.entries(query).map(([name, field]) => {
    const { parameter, ...schema } = jsonSchemaOf(field as z.ZodType, 'input')
    return { name, in: 'query', required: false, schema: orEmpty((parameter ?? schema) as JsonObject) }
  })
}

/** An empty value counts as absent. */
function orEmpty(schema: JsonObject): JsonObject {
  if (schema['type'] === 'array') return { ...schema, items: orEmpty(schema['items'] as JsonObject) }
  return { anyOf: [schema, { const: '' }] }
}

function problemAnswer(status: number): JsonObject {
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
  return { description: STATUS_CODES[status] ?? 'Error', content }
}

/** The dialect is OpenAPI 3.1's own, so no schema has to say it. */
function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}
