import { z } from 'zod'

export type ParsedQuery<T> = { value: T } | { mistake: string }

/**
 * Reads a query string by a schema whose fields are strings, or arrays of strings for those that may be repeated.
 * An empty value counts as absent; what is unknown or said twice is a mistake, for a filter that is silently not
 * applied shows the wrong rows. The mistake names the parameter, where that is a plain word, and never its value.
 */
export function parseQuery<S extends z.ZodRawShape>(
  url: string,
  shape: S,
  repeatable: readonly (keyof S & string)[] = [],
): ParsedQuery<z.infer<z.ZodObject<S>>> {
  const said = new Map<string, string[]>()
  for (const [name, value] of new URL(url).searchParams) {
    if (!Object.hasOwn(shape, name)) {
      const known = Object.keys(shape)
      return { mistake: `Unknown parameter${/^[\w-]{1,40}$/.test(name) ? ` ${name}` : ''}. ${known.length === 0 ? 'There is none' : `Known are: ${known.join(', ')}`}.` }
    }
    if (value !== '') said.set(name, [...(said.get(name) ?? []), value])
  }
  const input: Record<string, string | string[] | undefined> = {}
  for (const [name, values] of said) {
    if (repeatable.includes(name)) input[name] = values
    else if (values.length > 1) return { mistake: `${name} may be given once only.` }
    else input[name] = values[0]
  }
  const parsed = schemaOf(shape).safeParse(input)
  if (parsed.success) return { value: parsed.data }
  const [issue] = parsed.error.issues
  return { mistake: `${issue?.path[0]?.toString() ?? 'The query'}: ${issue?.message ?? 'not understood'}` }
}

/** zod compiles a schema at its first use, which takes longer than reading a query by it. */
const schemas = new WeakMap<z.ZodRawShape, unknown>()

function schemaOf<S extends z.ZodRawShape>(shape: S): z.ZodObject<S> {
  const known = schemas.get(shape)
  if (known !== undefined) return known as z.ZodObject<S>
  const schema = z.object(shape)
  schemas.set(shape, schema)
  return schema
}
