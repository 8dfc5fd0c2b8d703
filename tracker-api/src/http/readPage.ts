import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'

export type PageFile = { bytes: Buffer<ArrayBuffer>; contentType: string; isHashed: boolean }
/** Files of the built page by their path below its folder, with `/`. */
export type Page = Map<string, PageFile>

const contentTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}

/**
 * A function that gives the built page, read again when it was built anew; undefined when there is none.
 * The files are listed, not looked up by what a caller asks for, so no path leads out of the folder.
 */
export function createPageReader(folder: string): () => Promise<Page | undefined> {
  let builtAtMs: number | undefined
  let page: Promise<Page> | undefined
  return async () => {
    const found = await stat(join(folder, 'index.html')).catch(() => undefined)
    if (!found) return undefined
    if (builtAtMs !== found.mtimeMs) {
      builtAtMs = found.mtimeMs
      page = readPage(folder)
    }
    return page
  }
}

async function readPage(folder: string): Promise<Page> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && extname(entry.name) in contentTypes)
  const pairs = files.map(async ({ parentPath, name }): Promise<[string, PageFile]> => {
    const path = relative(folder, join(parentPath, name)).replaceAll(sep, '/')
    const bytes = await readFile(join(parentPath, name))
    const contentType = contentTypes[extname(name)] ?? 'application/octet-stream'
    return [path, { bytes, contentType, isHashed: path.startsWith('assets/') }]
  })
  return new Map(await Promise.all(pairs))
}
