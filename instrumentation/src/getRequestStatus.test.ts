import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { RequestTracker } from './RequestTracker.ts'

const id = 'vvd_1709234567890_a1b2c3d4'
const path = '/api/v1/monitoring/requests/c1d17092-3456-7890-0d60-1345a1b2c3d4'
const answers: Record<string, [number, string]> = {
  '': [200, '{"status":"validating","progress_percentage":16}'],
  '/gone': [404, '{}'],
  '/broken': [503, 'no database'],
  '/proxy': [200, '<html>'],
}
const server = createServer((request, response) => {
  const prefix = (request.url ?? '').replace(path, '')
  const answer = answers[prefix]
  if (answer !== undefined) response.writeHead(answer[0]).end(answer[1])
})
let url = ''

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  delete process.env['VIVIDLY_TRACKER_URL']
})
afterAll(() => {
  vi.unstubAllEnvs()
  server.closeAllConnections()
  server.close()
})

describe('getRequestStatus', () => {
  it('asks the tracker by any spelling of the ID', async () => {
    const tracker = new RequestTracker({ trackerUrl: url })
    for (const spelling of [id, 'c1d17092345678900d601345a1b2c3d4', 'c1d17092-3456-7890-0d60-1345a1b2c3d4']) {
      expect(await tracker.getRequestStatus(spelling)).toEqual({
        status: 'validating',
        progress_percentage: 16,
      })
    }
  })

  it('goes where VIVIDLY_TRACKER_URL says, whatever the code says', async () => {
    vi.stubEnv('VIVIDLY_TRACKER_URL', `${url}/`)
    const status = await new RequestTracker({ trackerUrl: 'http://127.0.0.1:1' }).getRequestStatus(id)
    vi.unstubAllEnvs()
    expect(status.status).toBe('validating')
  })

  it.each([
    ['no tracker address', undefined, /no tracker address\. Set VIVIDLY_TRACKER_URL/],
    ['no URL', 'tracker', /"tracker" is no URL/],
    ['nobody there', 'http://127.0.0.1:1', /no answer from http:\/\/127\.0\.0\.1:1 within 300 ms/],
    ['an answer that never comes', '/silent', /within 300 ms/],
    ['an unknown request', '/gone', /has seen no such request/],
    ['a broken tracker', '/broken', /answered 503: no database/],
    ['somebody else', '/proxy', /is no JSON/],
  ])('rejects with a readable error: %s', async (_, where, message) => {
    const trackerUrl = where?.startsWith('/') ? url + where : where
    const tracker = new RequestTracker({
      statusTimeoutMs: 300,
      ...(trackerUrl !== undefined && { trackerUrl }),
    })
    await expect(tracker.getRequestStatus(id)).rejects.toThrow(message)
  })

  it('rejects what names no request', async () => {
    await expect(new RequestTracker({ trackerUrl: url }).getRequestStatus('7')).rejects.toThrow(
      /names no request/,
    )
  })
})
