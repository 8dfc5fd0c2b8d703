// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'

import { sampleRequest, toRow } from '../../page/testing/sampleRequests.ts'
import { LinkOrText } from './LinkOrText.tsx'
import { RequestRow } from './RequestRow.tsx'

afterEach(cleanup)

const base = { index: 1, nowMs: Date.now(), student: 'Ann Lee' }

it('tells state, stage and progress in words, not in colour alone', () => {
  render(<RequestRow row={toRow(sampleRequest({ ...base, ageS: 132, topic: 'Cells' }))} open={false} nowMs={base.nowMs} onOpen={() => undefined} />)
  const pills = screen.getAllByRole('listitem').map((item) => item.getAttribute('title')).filter(Boolean)
  expect(pills).toEqual([
    'Validation: done',
    'RAG retrieval: done',
    'Script generation: done',
    'Video generation: running',
    'Video processing: waiting',
    'Notification: waiting',
  ])
  expect(screen.getByText('running')).toBeTruthy()
  expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('66')
})

it('opens by its topic, a real button, and by a click anywhere', () => {
  const onOpen = vi.fn()
  const row = toRow(sampleRequest({ ...base, ageS: 20, topic: 'Cells' }))
  render(<RequestRow row={row} open={false} nowMs={base.nowMs} onOpen={onOpen} />)
  fireEvent.click(screen.getByRole('button', { name: 'Cells' }))
  fireEvent.click(screen.getByText('running'))
  fireEvent.click(screen.getByRole('button', { name: 'Copy the ID' }))
  expect(onOpen.mock.calls).toEqual([[row.correlation_id], [row.correlation_id]])
})

it('shows hostile text as text, isolated from what stands beside it', () => {
  const topic = '<img src=x onerror=alert(1)>\u202Egnp.exe'
  const { container } = render(
    <RequestRow row={toRow(sampleRequest({ ...base, ageS: 20, topic }))} open={false} nowMs={base.nowMs} onOpen={() => undefined} />,
  )
  expect(container.querySelector('img')).toBeNull()
  expect(screen.getByText(topic).tagName).toBe('BDI')
})

it.each(['javascript:alert(1)', 'data:text/html,x', 'vbscript:x', ' javascript:alert(1)', '//cdn.example/x', 'no address'])(
  'makes no link of %s',
  (text) => {
    const { container } = render(<LinkOrText text={text} />)
    expect(container.querySelector('a')).toBeNull()
    expect(container.textContent).toBe(text)
  },
)

it('links a web address without telling it where the reader came from', () => {
  render(<LinkOrText text="https://cdn.example/v.mp4" />)
  expect(screen.getByRole('link').getAttribute('rel')).toBe('noopener noreferrer')
})
