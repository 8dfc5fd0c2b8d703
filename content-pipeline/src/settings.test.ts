import { expect, test } from 'vitest'
import { readSettings } from './settings.ts'

test('an empty environment gives the defaults', () => {
  expect(readSettings({})).toMatchObject({ databaseUrl: undefined, speed: 6, ports: { intake: 8485 }, dataDir: '.data' })
})

test('every wrong variable is named at once', () => {
  const wrong = { DATABASE_URL: 'mysql://x', PIPELINE_SPEED: 'fast', PIPELINE_PORT: '70000', OTEL_EXPORTER_OTLP_ENDPOINT: '4318' }
  expect(() => readSettings(wrong)).toThrow(
    /DATABASE_URL: [\s\S]*OTEL_EXPORTER_OTLP_ENDPOINT: [\s\S]*PIPELINE_SPEED: [\s\S]*PIPELINE_PORT: /,
  )
})
