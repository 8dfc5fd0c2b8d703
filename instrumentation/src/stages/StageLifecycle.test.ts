import { expect, it } from 'vitest'
import { identityOf, newCorrelationId } from '../identity.ts'
import { StageLifecycle } from './StageLifecycle.ts'

const newIdentity = () => identityOf(newCorrelationId(Date.now()))

it('holds no stage that has ended, nor those of a request that has', () => {
  const stages = new StageLifecycle('content_generation', () => {})
  const identity = newIdentity()
  for (const stage of ['completed', 'failed', 'skipped', 'closed', 'left open'])
    stages.start(identity, stage, {})
  stages.complete(identity, 'completed', undefined, {})
  stages.fail(identity, 'failed', new Error('x'), {})
  stages.skip(identity, 'skipped', undefined, {})
  const closed = stages.find(identity, 'closed')
  if (closed !== undefined) stages.close(identity, 'closed', closed)
  expect(stages.openRequests).toBe(1)
  expect(stages.find(identity, 'left open')).toBeDefined()
  stages.forget(identity)
  expect(stages.openRequests).toBe(0)
})

it('forgets the oldest of stages that nobody ends, with one warning', () => {
  const warned: string[] = []
  const stages = new StageLifecycle('content_generation', (kind) => warned.push(kind))
  const first = newIdentity()
  stages.start(first, 'validation', {})
  for (let index = 0; index < 10_000; index += 1) stages.start(newIdentity(), 'validation', {})
  expect(stages.openRequests).toBe(10_000)
  expect(stages.find(first, 'validation')).toBeUndefined()
  expect(warned).toEqual(['too many open'])
})

it('starts a stage once, and again only for another attempt', () => {
  const stages = new StageLifecycle('content_generation', () => {})
  const identity = newIdentity()
  stages.start(identity, 'validation', {})
  const run = stages.find(identity, 'validation')
  stages.start(identity, 'validation', {})
  expect(run?.attempt).toBe(1)
  stages.start(identity, 'validation', { attempt: 3 })
  expect(run?.attempt).toBe(3)
  expect(stages.find(identity, 'validation')).toBe(run)
})
