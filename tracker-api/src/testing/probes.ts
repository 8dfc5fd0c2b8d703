/**
 * Every call that an OpenAPI document knows, with foreign values wherever it takes one: what an inquisitive neighbour
 * would try. A call that is added to the document is probed from then on.
 */
export type Probe = { method: 'GET' | 'POST'; path: string; isStream: boolean; body?: string }

export type Foreign = {
  /** By the name of a path parameter. */
  path: Record<string, readonly string[]>
  /** Tried in every query parameter. */
  query: readonly string[]
  /** By the name of a body's field; other texts say `probe`. */
  body: Record<string, string>
}

type Schema = { type?: string; properties?: Record<string, Schema>; required?: string[]; enum?: unknown[]; format?: string; minimum?: number }
type Parameter = { name: string; in: string }
type Operation = {
  parameters: Parameter[]
  responses: Record<string, { content: Record<string, unknown> }>
  requestBody?: { content: Record<string, { schema: Schema }> }
}

export function probesOf(document: unknown, foreign: Foreign): Probe[] {
  const { paths } = document as { paths: Record<string, { get?: Operation; post?: Operation }> }
  return Object.entries(paths).flatMap(([path, { get, post }]) => {
    const targets = targetsOf(path, foreign)
    return [
      ...(get ? targets.flatMap((target) => readingsOf(target, get, foreign)) : []),
      ...(post ? targets.flatMap((target) => writingsOf(target, post, foreign)) : []),
    ]
  })
}

function targetsOf(path: string, foreign: Foreign): string[] {
  const [parameter] = /{\w+}/.exec(path) ?? []
  if (parameter === undefined) return [path]
  const values = foreign.path[parameter.slice(1, -1)]
  if (values === undefined) throw new Error(`${path} has a parameter that nothing is known to try for: say it in the test`)
  return values.flatMap((value) => targetsOf(path.replace(parameter, encodeURIComponent(value)), foreign))
}

function readingsOf(target: string, { parameters, responses }: Operation, foreign: Foreign): Probe[] {
  const isStream = Object.keys(responses['200']?.content ?? {}).includes('text/event-stream')
  const queries = parameters.filter((one) => one.in === 'query').flatMap(({ name }) => foreign.query.map((value) => [[name, value]]))
  const evasions = [...foreign.query].flatMap((value) => [[['organization', 'north'], ['organization', value]], [['organization', ''], ['ORGANIZATION', value]], [['organization[]', value]]])
  return [[], ...queries, ...evasions].map((pairs) => {
    const query = new URLSearchParams(pairs).toString()
    return { method: 'GET', path: query === '' ? target : `${target}?${query}`, isStream }
  })
}

function writingsOf(path: string, { requestBody }: Operation, { body: texts }: Foreign): Probe[] {
  const schema = requestBody?.content['application/json']?.schema
  if (schema?.properties === undefined) throw new Error(`${path} takes no JSON: say in the test what to send there`)
  const { required = [] } = schema
  const optional = Object.keys(schema.properties).filter((name) => !required.includes(name))
  return [[], ...optional.map((name) => [name]), optional].map((more) => ({
    method: 'POST',
    path,
    isStream: false,
    body: JSON.stringify(exampleOf(schema, texts, [...required, ...more])),
  }))
}

/** A value that the schema takes; of an object these fields, of what is in it those that must be. */
function exampleOf({ type, properties = {}, enum: values, format, minimum = 1 }: Schema, texts: Record<string, string>, names: readonly string[]): unknown {
  if (values !== undefined) return values[0]
  if (type === 'integer' || type === 'number') return minimum
  if (type !== 'object') return format === 'date-time' ? new Date().toISOString() : 'probe'
  return Object.fromEntries(
    names.map((name) => {
      const field = properties[name] ?? {}
      return [name, texts[name] ?? exampleOf(field, texts, field.required ?? [])]
    }),
  )
}
