import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json, SignalBatch } from '../signal.ts'
import { beginStory } from '../testing/tellStory.ts'
import { createRedactor, NOTE_REDACTED } from './createRedactor.ts'
import { mistakeInTextRule } from './RedactionRules.ts'

const story = beginStory(1_795_000_000_000)
const none = { deniedKeys: [], allowedKeys: undefined, texts: [] }
const batchOf = (attributes: { [key: string]: Json }, message = 'said'): SignalBatch => ({
  spans: [story.span('ab'.repeat(8), 0, 1, attributes, { name: message, status_message: message, exception: { 'exception.message': message } })],
  logs: [story.log('vividly.api_call', 0, attributes, { message })],
  refusals: [{ signal: 'span', reason: 'bad_time', detail: 'spans[0]', payload: { name: message, traceId: story.traceId, attributes } }],
})

test('without rules there is nothing to do', () => {
  expect(createRedactor(none)).toBeUndefined()
})

test('denied keys leave with their values, however deep, in the JSON of spans and in refused records too', () => {
  const redact = createRedactor({ ...none, deniedKeys: ['email', '*.password'] })
  const deep = { to: [{ email: 'secret' }], kept: 1 }
  const redacted = redact?.(batchOf({ 'db.password': 'secret', 'vividly.stage.output': JSON.stringify(deep), deep, email: 'secret', emails: 'kept' }))
  expect(JSON.stringify(redacted)).not.toContain('secret')
  expect(redacted).toMatchObject({ keys: 12, texts: 0 })
  expect(redacted?.batch.logs[0]?.attributes).toEqual({
    'vividly.stage.output': '{"to":[{}],"kept":1}', deep: { to: [{}], kept: 1 }, emails: 'kept', [NOTE_REDACTED]: 4,
  })
})

test('where keys are allowed, all others leave but the tracker’s own', () => {
  const redact = createRedactor({ ...none, allowedKeys: ['http.*'] })
  const { batch } = redact?.(batchOf({ 'http.route': '/', 'db.statement': 'select', 'vividly.stage.name': 'validation', 'user.id': 's' })) ?? {}
  expect(Object.keys(batch?.spans[0]?.attributes ?? {})).toEqual(['http.route', 'vividly.stage.name', 'user.id', NOTE_REDACTED])
})

test('texts are masked wherever they stand, but never in what identifies', () => {
  const redact = createRedactor({ ...none, texts: ['email', 'credit_card', 'ipv4', '/secret-\\d+/'] })
  const said = 'jöhn.doe+x@mail.example.org paid 4111 1111 1111 1111 from 10.0.0.255, secret-77'
  const redacted = redact?.(batchOf({ note: said, list: [{ deep: said }], 'user.id': 'a@b.example', 'vividly.stage.name': 'a@b.example' }, said))
  const text = JSON.stringify(redacted)
  for (const word of ['jöhn', '4111', '10.0.0.255', 'secret-77']) expect(text).not.toContain(word)
  expect(redacted?.batch.logs[0]).toMatchObject({
    message: '[redacted] paid [redacted] from [redacted], [redacted]', attributes: { 'user.id': 'a@b.example', 'vividly.stage.name': 'a@b.example', [NOTE_REDACTED]: 12 },
  })
})

test('what only looks like it stays', () => {
  const redact = createRedactor({ ...none, texts: ['email', 'credit_card', 'ipv4'] })
  const batch = batchOf({ note: `vvd_1709234567890_a1b2c3d4 ${story.traceId} 1.2.3 4111 1111 1111 1112 @home 999.1.1.1` })
  expect(redact?.(batch)).toEqual({ batch, keys: 0, texts: 0 })
})

test('doing it again changes nothing', () => {
  const redact = createRedactor({ deniedKeys: ['*secret*'], allowedKeys: undefined, texts: ['email', '/\\d{4,}/'] })
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>), fc.string(), (attributes, message) => {
      const once = redact?.(batchOf(attributes, message)).batch ?? batchOf({})
      const again = redact?.(once)
      return again?.keys === 0 && again.texts === 0 && isDeepStrictEqual(again.batch, once)
    }),
  )
  expect(redact).toBeDefined()
})

test.each([['phone', 'must be one of'], ['/[/', 'can’t be read'], ['/x*/', 'empty text']])('%s is no text rule: %s', (rule, mistake) => {
  expect(mistakeInTextRule(rule)).toContain(mistake)
  expect(mistakeInTextRule('email')).toBeUndefined()
})
