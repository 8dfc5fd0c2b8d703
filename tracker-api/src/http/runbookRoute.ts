import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Hono } from 'hono'
import { problemResponse } from './problem.ts'

const folder = new URL('../../../docs/runbooks/', import.meta.url)

/** `GET /runbooks/:alert`: what to do when that alert wakes you, as the Markdown it is written in. */
export function runbookRoute(): Hono {
  return new Hono().get('/runbooks/:alert{[A-Za-z]+}', async (c) => {
    try {
      const text = await readFile(fileURLToPath(new URL(`${c.req.param('alert')}.md`, folder)), 'utf8')
      return c.body(text, 200, { 'content-type': 'text/plain; charset=utf-8' })
    } catch {
      return problemResponse(404, 'No alert of this name has a runbook; docs/runbooks lists those that do')
    }
  })
}
