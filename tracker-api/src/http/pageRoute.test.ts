import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listen } from '../listen.ts'
import { pageRoute } from './pageRoute.ts'
import { createTestApp } from './testing/createTestApp.ts'

let above: string
let folder: string
beforeAll(async () => {
  above = await mkdtemp(join(tmpdir(), 'vividly-page-'))
  folder = join(above, 'page')
  await mkdir(join(folder, 'assets'), { recursive: true })
  await writeFile(join(above, 'secret.js'), 'secret')
  await writeFile(join(folder, 'index.html'), '<!doctype html>first')
  await writeFile(join(folder, 'icon.svg'), '<svg/>')
  await writeFile(join(folder, 'assets/main-abc123.js'), 'go()')
  await symlink(join(above, 'secret.js'), join(folder, 'assets/link.js'))
})
afterAll(() => rm(above, { recursive: true }))

const document = 'text/html; charset=utf-8'
const forever = 'public, max-age=31536000, immutable'
test.each([
  ['/monitoring/dashboard', document, 'no-cache'],
  ['/monitoring/dashboard/', document, 'no-cache'],
  ['/monitoring/dashboard/requests/vvd_1709234567890_a1b2c3d4', document, 'no-cache'],
  ['/monitoring/dashboard/icon.svg', 'image/svg+xml', 'no-cache'],
  ['/monitoring/dashboard/assets/main-abc123.js', 'text/javascript; charset=utf-8', forever],
])('%s', async (path, contentType, cacheControl) => {
  const { status, headers } = await pageRoute(folder).request(path)
  expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([200, contentType, cacheControl])
})

test('the root leads to the page', async () => {
  const { status, headers } = await pageRoute(folder).request('/')
  expect([status, headers.get('location')]).toEqual([302, '/monitoring/dashboard'])
})

test('a new build is served without a restart', async () => {
  const route = pageRoute(folder)
  expect(await (await route.request('/monitoring/dashboard')).text()).toContain('first')
  await writeFile(join(folder, 'index.html'), '<!doctype html>second')
  await utimes(join(folder, 'index.html'), 1, 1)
  expect(await (await route.request('/monitoring/dashboard')).text()).toContain('second')
})

test('no path leads out of the folder', async () => {
  const { app } = createTestApp({ pageFolder: folder })
  const served = await listen(app, '127.0.0.1', 0)
  const base = '/monitoring/dashboard'
  const paths = [
    '/../secret.js',
    '/%2e%2e/secret.js',
    '/..%2fsecret.js',
    '/..%5csecret.js',
    '//secret.js',
    '/assets/link.js',
    '/assets/../../secret.js',
    '/%00.js',
    `/${join(above, 'secret.js')}`,
  ]
  for (const path of paths) {
    const { status, text } = await rawGet(served.url, `${base}${path}`)
    expect([path, status]).toEqual([path, expect.toSatisfy((code: number) => code === 404 || code === 400)])
    expect(text).not.toContain('secret')
  }
  await served.stop(100)
})

/** `fetch` would tidy the path before it is sent. */
async function rawGet(url: string, path: string): Promise<{ status: number; text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>()
  const { hostname, port } = new URL(url)
  request({ hostname, port, path }, (response) => {
    let text = ''
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
  })
    .on('error', reject)
    .end()
  return promise
}
