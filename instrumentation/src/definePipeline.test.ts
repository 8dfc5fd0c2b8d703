import { expect, test } from 'vitest'
import { CONTENT_GENERATION, definePipeline } from './definePipeline.ts'
import { RequestTracker } from './RequestTracker.ts'

test('the compiler knows a pipeline’s stages', () => {
  const essay = new RequestTracker({ pipeline: definePipeline('essay', ['draft', 'review']) })
  const { correlationId: id } = essay.createRequest({ studentId: 's', topic: 't' })
  essay.startStage(id, 'draft')
  // @ts-expect-error: no stage of this pipeline
  essay.startStage(id, 'validation')
  // @ts-expect-error: neither is this
  essay.failRequest(id, new Error('x'), { stage: 'publish' })

  const usual = new RequestTracker()
  usual.completeStage(id, 'video_generation')
  // @ts-expect-error: the default pipeline has six stages, and this is none of them
  usual.completeStage(id, 'draft')

  const any = new RequestTracker({ pipeline: definePipeline('essay') })
  any.completeStage(id, 'whatever')
  expect(CONTENT_GENERATION.stages).toHaveLength(6)
})
