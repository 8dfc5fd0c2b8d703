import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { newErasure } from '../../adminContract.ts'
import { eraseStudent, listErasures } from '../../store/eraseStudent.ts'
import type { Pool } from '../../store/Pool.ts'
import { callerOf, organizationOf } from '../access/accessOf.ts'
import { createByteBudget } from '../createByteBudget.ts'
import { parseQuery } from '../parseQuery.ts'
import { problemResponse } from '../problem.ts'
import { readTold } from '../tracking/readTold.ts'

const MAX_LISTED = 1_000
/** Of bodies under way; each is tiny. */
const MAX_BYTES_UNDER_WAY = 4 * 1024 * 1024

/** `POST /erasures` answers when what is known of the student is gone; `GET` says what was erased. */
export function erasuresRoute({ admin }: { admin: Pool }): Hono<{ Bindings: HttpBindings }> {
  const budget = createByteBudget(MAX_BYTES_UNDER_WAY)
  return new Hono<{ Bindings: HttpBindings }>()
    .get('/erasures', async (c) => {
      const asked = parseQuery(c.req.url, {})
      if ('mistake' in asked) return problemResponse(400, asked.mistake)
      return c.json({ items: await listErasures(admin, organizationOf(c), MAX_LISTED) })
    })
    .post('/erasures', async (c) => {
      const held = budget.open()
      const read = await readTold(c, newErasure, held).finally(() => held?.release())
      if ('problem' in read) return read.problem
      const { student_id: studentId, organization_id: asked } = read.said
      const own = organizationOf(c)
      if (own !== undefined && asked !== undefined && asked !== own) return problemResponse(403, 'The token is of another organization.')
      const organization = asked === undefined ? own : asked
      if (organization === undefined) return problemResponse(400, 'organization_id must be said: the student’s, or null for one who is told of without.')
      const { erasure, isComplete } = await eraseStudent(admin, { organization, studentId }, callerOf(c))
      return c.json({ ...erasure, is_complete: isComplete })
    })
    .all('/erasures', () => problemResponse(405, 'Erasures are asked for with POST and listed with GET.', { headers: { allow: 'GET, HEAD, POST' } }))
}
