import { expect, it, vi } from 'vitest'

import { sampleRequest } from '../../page/testing/sampleRequests.ts'
import { linksFor } from './linksFor.ts'

// The package wants a browser to be imported at all; of it, only the address of a sub-path is used here.
vi.mock('@grafana/runtime', () => ({ config: { appSubUrl: '/grafana' } }))

const NOW_MS = 1_795_000_000_000
const done = sampleRequest({ index: 1, nowMs: NOW_MS, ageS: 600, topic: 'Cells', student: null, outcome: 'completed', endedAgoS: 400 })

it('opens Explore on the request’s trace and logs, from before it began until after its end', () => {
  const [trace, logs] = linksFor(done, { tracesUid: 'tempo', logsUid: 'loki', logsQuery: '{app="x"} |= "${correlationId}"' }, NOW_MS)
  const read = (href = '') => {
    const url = new URL(href, 'http://grafana')
    return { path: url.pathname, pane: (JSON.parse(url.searchParams.get('panes') ?? '{}') as { request: object }).request }
  }
  expect(read(trace?.href)).toMatchObject({
    path: '/grafana/explore',
    pane: {
      datasource: 'tempo',
      queries: [{ queryType: 'traceql', query: done.trace_id }],
      range: { from: String(NOW_MS - 600_000 - 300_000), to: String(NOW_MS - 400_000 + 300_000) },
    },
  })
  expect(read(logs?.href).pane).toMatchObject({ datasource: 'loki', queries: [{ expr: `{app="x"} |= "${done.correlation_id}"` }] })
})

it('offers nothing where the settings name nothing', () => {
  expect(linksFor(done, {}, NOW_MS)).toEqual([])
  expect(linksFor(done, { tracesUid: '' }, NOW_MS)).toEqual([])
})
