import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import type { App } from './app.ts'
import { API_BASE, problem } from './contract.ts'
import { createTestApp } from './http/testing/createTestApp.ts'
import { StoreUnavailable } from './store/StoreUnavailable.ts'

function failingWith(error: Error): App {
  const monitoring: App = new Hono()
  monitoring.get('/requests', () => {
    throw error
  })
  return createTestApp({ monitoring }).app
}

describe('every answer', () => {
  const paths = ['/healthz', '/metrics', '/nowhere', '/monitoring/dashboard', '/v1/traces']
  test.each(paths)('%s is hardened', async (path) => {
    const { headers } = await createTestApp().app.request(path)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('on loopback', () => {
  const ours = ['localhost', '127.0.0.1', '127.0.0.2', '[::1]', 'localhost:8484']
  test.each(ours)('%s is one of our names', async (host) => {
    expect((await createTestApp().app.request(`http://${host}/healthz`)).status).toBe(200)
  })

  const others = ['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example', '10.0.0.1']
  test.each(others)('%s is not', async (host) => {
    const { app, batches } = createTestApp()
    for (const path of ['/healthz', `${API_BASE}/requests`, '/monitoring/dashboard']) {
      expect((await app.request(`http://${host}${path}`)).status).toBe(421)
    }
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }
    expect((await app.request(`http://${host}/v1/traces`, init)).status).toBe(421)
    expect(batches).toEqual([])
  })

  test('elsewhere any name is taken', async () => {
    const { app } = createTestApp({ onLoopback: false })
    expect((await app.request('http://tracker.example/healthz')).status).toBe(200)
  })
})

describe('errors are problem documents', () => {
  test('404 where there is nothing', async () => {
    const response = await createTestApp().app.request('/api/v1/monitoring/<script>')
    expect(response.status).toBe(404)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    const body = await response.text()
    expect(problem.parse(JSON.parse(body)).status).toBe(404)
    expect(body).not.toContain('script')
  })

  test('500 with an incident, and nothing of the inside', async () => {
    const response = await failingWith(new Error('relation "students" …')).request(`${API_BASE}/requests`)
    expect(response.status).toBe(500)
    const body = problem.parse(await response.json())
    expect(body.instance).toMatch(/^urn:uuid:[0-9a-f-]{36}$/)
    expect(JSON.stringify(body)).not.toContain('students')
  })

  test('503 to be tried again when the database does not answer', async () => {
    const response = await failingWith(new StoreUnavailable('10.1.2.3 refused')).request(`${API_BASE}/requests`)
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await response.text()).not.toContain('10.1.2.3')
  })
})

describe('health', () => {
  test('alive is not ready: without a database it is only alive', async () => {
    const { app } = createTestApp({ pingDatabase: () => Promise.reject(new Error('refused')) })
    expect((await app.request('/healthz')).status).toBe(200)
    expect((await app.request('/readyz')).status).toBe(503)
  })

  test('a database that answers too late is not ready', async () => {
    const { app } = createTestApp({ pingDatabase: () => new Promise(() => {}) })
    const startedMs = performance.now()
    expect((await app.request('/readyz')).status).toBe(503)
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(990)
  })

  test('ready, until it drains', async () => {
    let draining = false
    const { app } = createTestApp({ isDraining: () => draining })
    expect((await app.request('/readyz')).status).toBe(200)
    draining = true
    expect((await app.request('/readyz')).status).toBe(503)
  })
})

test('own metrics count answers by the route’s pattern, never by what was asked', async () => {
  const { app } = createTestApp()
  await app.request('/healthz')
  await app.request('/secret-path-of-somebody')
  const response = await app.request('/metrics')
  expect(response.headers.get('content-type')).toContain('application/openmetrics-text')
  const text = await response.text()
  expect(text).toContain('vividly_http_request_duration_seconds_count{route="/healthz",method="GET",status="200"} 1')
  expect(text).not.toContain('secret-path')
})

test('without a built page the page says how to build it', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'vividly-page-'))
  const response = await createTestApp({ pageFolder: empty }).app.request('/monitoring/dashboard')
  expect([response.status, response.headers.get('content-type')]).toEqual([503, 'text/plain; charset=utf-8'])
  expect(await response.text()).toContain('npm run build:page')
  await rm(empty, { recursive: true })
})
