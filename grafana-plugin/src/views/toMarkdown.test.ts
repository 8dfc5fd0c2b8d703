import { expect, it } from 'vitest'

import { sampleRequest } from '../../page/testing/sampleRequests.ts'
import { toMarkdown } from './toMarkdown.ts'

const request = sampleRequest({
  index: 1, nowMs: 1_795_000_000_000, ageS: 60, topic: 'Cells', student: 'Ann Lee', outcome: 'failed', failedStage: 'rag_retrieval', error: 'No answer\nin 30 s',
})

it('tells what a ticket needs, and not the name', () => {
  const text = toMarkdown(request, 'Failed.', 'http://tracker/')
  expect(text).toContain(`- Request: \`${request.correlation_id}\``)
  expect(text).toContain('| RAG retrieval | failed |')
  expect(text).toContain('> No answer\n> in 30 s')
  expect(text).not.toContain('Ann')
})

it('keeps hostile text from becoming a link, a tag or a row', () => {
  const text = toMarkdown({ ...request, topic: '[x](javascript:1) <img> | a\n# b @all' }, 'Failed.', 'http://tracker/')
  expect(text.split('\n')[0]).toBe('**\\[x\\]\\(javascript:1\\) \\<img\\> \\| a \\# b \\@all**: Failed.')
})
