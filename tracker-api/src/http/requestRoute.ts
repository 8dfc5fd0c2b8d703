import { Hono } from 'hono'
import { getRequest } from '../store/getRequest.ts'
import type { OutsideLinks } from '../store/OutsideLinks.ts'
import type { Pool } from '../store/Pool.ts'
import { jsonResponse } from './jsonResponse.ts'
import { parseQuery } from './parseQuery.ts'
import { problemResponse } from './problem.ts'
import { isSpelling, requestQuery, unknownRequest } from './requestSpelling.ts'

/** `GET /requests/{id}`: one request with its stages; the ID in any of its three spellings. */
export function requestRoute({ read, links }: { read: Pool; links?: OutsideLinks | undefined }): Hono {
  return new Hono().get('/requests/:id', async (c) => {
    const asked = parseQuery(c.req.url, requestQuery)
    if ('mistake' in asked) return problemResponse(400, asked.mistake)
    const spelling = c.req.param('id')
    const detail = isSpelling(spelling) ? await getRequest(read, spelling, asked.value.organization, links) : undefined
    return detail === undefined ? problemResponse(404, unknownRequest) : jsonResponse(detail)
  })
}
