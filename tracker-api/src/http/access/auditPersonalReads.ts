import type { MiddlewareHandler } from 'hono'
import type { RecordRead } from '../../store/access/personalReads.ts'
import { textOf } from '../jsonResponse.ts'
import { cameBy, seesNames } from './accessOf.ts'

const aName = /"(?:student_name|user\.full_name|full_name)" ?: ?"/g

/**
 * Puts each answer that holds names on record before it is given. Where nobody logs in there is nobody to name.
 * @param goesOn the answer is written while it is read: asking for it counts.
 */
export function auditPersonalReads(route: string, goesOn: boolean, record: RecordRead): MiddlewareHandler {
  return async (c, next) => {
    const access = c.get('access')
    if (access === undefined || !seesNames(c)) return next()
    const query: Record<string, string[]> = c.req.queries()
    const asked = Object.fromEntries(Object.entries(query).map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]))
    const note = (names: number | undefined): Promise<void> =>
      record({
        tokenId: access.tokenId, organization: access.organization, via: cameBy(c), route, spelling: c.req.param('id'), query: asked, names,
      })
    if (goesOn) {
      await note(undefined)
      return next()
    }
    await next()
    if (c.res.status !== 200) return
    const { text, unread } = await textOf(c.res)
    const names = text.match(aName)?.length ?? 0
    c.res = undefined
    if (names > 0) await note(names)
    c.res = unread
  }
}
