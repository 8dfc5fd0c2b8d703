import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { z } from 'zod'
import { parseJson } from '../../otlp/parseJson.ts'
import { UnreadableBody } from '../../otlp/UnreadableBody.ts'
import type { HeldBytes } from '../createByteBudget.ts'
import { problemResponse } from '../problem.ts'
import { noRoom, readOtlpBody } from '../readOtlpBody.ts'

const BODY_DEADLINE_MS = 30_000

/**
 * The body, read by a schema; no body at all counts as an empty one. Else the problem to answer, which never repeats
 * what was sent. Only JSON is taken: a form of another site can't send that.
 */
export async function readTold<S extends z.ZodObject>(
  c: Context<{ Bindings: HttpBindings }>,
  schema: S,
  held: HeldBytes | undefined,
): Promise<{ said: z.infer<S> } | { problem: Response }> {
  if (!/^application\/json\s*(;|$)/i.test(c.req.header('content-type') ?? '')) {
    return { problem: problemResponse(415, 'Content-Type must be application/json.', { headers: closing }) }
  }
  const read = held === undefined ? noRoom : await readOtlpBody(c, BODY_DEADLINE_MS, held)
  if ('status' in read) {
    const headers = read.status === 429 ? { ...closing, 'retry-after': '1' } : closing
    return { problem: problemResponse(read.status, `${read.message}.`, { headers }) }
  }
  try {
    const parsed = schema.safeParse(read.body.length === 0 ? {} : parseJson(read.body))
    return parsed.success ? { said: parsed.data } : { problem: problemResponse(400, mistakeOf(parsed.error, schema)) }
  } catch (error) {
    if (error instanceof UnreadableBody) return { problem: problemResponse(error.status, `${error.message}.`) }
    throw error
  }
}

const closing = { connection: 'close' }

function mistakeOf({ issues }: z.ZodError, schema: z.ZodObject): string {
  const [issue] = issues
  const known = Object.keys(schema.shape)
  const field = issue?.path[0]?.toString() ?? ''
  if (issue?.code === 'unrecognized_keys') return `An unknown field${field ? ` in ${field}` : ''}. Known are: ${known.join(', ')}.`
  return `${known.includes(field) ? field : 'The body'}: ${issue?.message ?? 'not understood'}`
}
