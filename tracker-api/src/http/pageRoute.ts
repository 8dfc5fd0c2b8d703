import { extname } from 'node:path'
import { Hono } from 'hono'
import { problemResponse } from './problem.ts'
import { createPageReader } from './readPage.ts'

export const PAGE_PATH = '/monitoring/dashboard'

/** The page, with the same document at every path below its own: the page itself reads the rest of the path. */
export function pageRoute(folder: string): Hono {
  const readPage = createPageReader(folder)

  async function answer(path: string): Promise<Response> {
    const page = await readPage()
    if (!page) return notBuilt()
    const isDocument = extname(path) === ''
    const file = page.get(isDocument ? 'index.html' : path)
    if (!file) return problemResponse(404, 'The page has no such file')
    return new Response(file.bytes, {
      headers: {
        'content-type': file.contentType,
        // A file with a hash in its name never changes; the document names those that are current.
        'cache-control': file.isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
      },
    })
  }

  return new Hono()
    .get('/', (c) => c.redirect(PAGE_PATH))
    .get(PAGE_PATH, () => answer(''))
    .get(`${PAGE_PATH}/*`, (c) => answer(c.req.path.slice(PAGE_PATH.length + 1)))
}

function notBuilt(): Response {
  return new Response('The page is not built. Run `npm run build:page` and load this again.\n', {
    status: 503,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  })
}
