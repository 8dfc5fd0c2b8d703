import { Hono } from 'hono'
import type { Pool } from '../store/Pool.ts'
import { readStageNormals } from '../store/readStageNormals.ts'
import { jsonResponse } from './jsonResponse.ts'
import { parseQuery } from './parseQuery.ts'
import { problemResponse } from './problem.ts'
import { moment, name } from './queryFields.ts'

export const stageNormalsQuery = { at: moment.optional(), organization: name.optional() }

/** `GET /stages/normals`: what each stage took in the seven days before a moment, now if none is given. */
export function stageNormalsRoute({ read }: { read: Pool }): Hono {
  return new Hono().get('/stages/normals', async (c) => {
    const asked = parseQuery(c.req.url, stageNormalsQuery)
    if ('mistake' in asked) return problemResponse(400, asked.mistake)
    const { at = Date.now() * 1000, organization } = asked.value
    return jsonResponse(await readStageNormals(read, at, organization))
  })
}
