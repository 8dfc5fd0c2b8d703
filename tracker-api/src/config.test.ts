import { expect, test } from 'vitest'
import { ConfigError, readConfig } from './config.ts'

test('nothing set gives loopback and the documented ports', () => {
  expect(readConfig({ TRACKER_PORT: '', HOME: '/root' })).toEqual({
    host: '127.0.0.1',
    port: 8484,
    otlpPort: 4318,
    dataDir: '.data',
    databaseUrl: undefined,
    auth: 'off',
    logLevel: 'info',
  })
})

test('what is set is taken', () => {
  const config = readConfig({
    TRACKER_HOST: '::1',
    TRACKER_PORT: '0',
    TRACKER_OTLP_PORT: 'off',
    DATABASE_URL: 'postgresql://u:p@db.example/tracker',
    LOG_LEVEL: 'warn',
  })
  expect(config).toMatchObject({ host: '::1', port: 0, otlpPort: undefined, logLevel: 'warn' })
  expect(config.databaseUrl).toBe('postgresql://u:p@db.example/tracker')
})

test('addresses of traces and logs are taken with what stands for a request, and with nothing else in braces', () => {
  const set = { TRACKER_TRACE_URL: 'https://jaeger.example/trace/{traceId}', TRACKER_LOGS_URL: 'http://logs/?q={correlationId}&from={fromMs}&to={toMs}' }
  expect(readConfig(set).links).toEqual({ trace: set.TRACKER_TRACE_URL, logs: set.TRACKER_LOGS_URL })
  expect(() => readConfig({ TRACKER_TRACE_URL: 'https://x/{trace}' })).toThrow('TRACKER_TRACE_URL may hold these in braces')
  expect(() => readConfig({ TRACKER_TRACE_URL: 'javascript:alert(1)' })).toThrow('must begin with http')
})

test('where others can reach the tracker tokens are in force, and cannot be turned off', () => {
  expect(readConfig({ TRACKER_HOST: '0.0.0.0' }).auth).toBe('tokens')
  expect(readConfig({ TRACKER_AUTH: 'tokens' }).auth).toBe('tokens')
  expect(() => readConfig({ TRACKER_HOST: '0.0.0.0', TRACKER_AUTH: 'off' })).toThrow('TRACKER_AUTH must be tokens')
})

test('every problem is listed at once, and no value is repeated', () => {
  const wrong = {
    TRACKER_HOST: 'a host',
    TRACKER_PORT: '70000',
    TRACKER_OTLP_PORT: 'never',
    DATABASE_URL: 'mysql://u:secret@db/tracker',
    LOG_LEVEL: 'loud',
  }
  const read = (): unknown => readConfig(wrong)
  expect(read).toThrow(ConfigError)
  for (const name of Object.keys(wrong)) expect(read).toThrow(name)
  expect(read).not.toThrow(/secret|70000|never|loud|Invalid/)
})

test.each(['1e3', '0x10', '-1', '1.5', 'abc', '８４８４'])('%s is no port', (port) => {
  expect(() => readConfig({ TRACKER_PORT: port })).toThrow('TRACKER_PORT')
  expect(() => readConfig({ TRACKER_OTLP_PORT: port })).toThrow('TRACKER_OTLP_PORT')
})

test('what is not to be stored is said in words between spaces, and a rule that can’t be used is named', () => {
  expect(readConfig({ TRACKER_REDACT_KEYS: ' user.email  *.password ', TRACKER_REDACT_TEXTS: 'email' }).redaction).toEqual({
    deniedKeys: ['user.email', '*.password'], allowedKeys: undefined, texts: ['email'],
  })
  expect(readConfig({}).redaction).toBeUndefined()
  expect(() => readConfig({ TRACKER_REDACT_TEXTS: 'email phone' })).toThrow('TRACKER_REDACT_TEXTS must be one of email')
})
