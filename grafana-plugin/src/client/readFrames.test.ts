import { expect, it } from 'vitest'

import { readFrames } from './readFrames.ts'

const encoder = new TextEncoder()

function bodyOf(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk)
      controller.close()
    },
  })
}

const STREAM = [
  'retry: 2000\n\n',
  ': a comment\n\n',
  'id: e.1\nevent: hello\ndata: {"epoch":"e","cursor":"e.1","now":"2026-11-23T12:00:00Z","heartbeat_ms":10000}\n\n',
  'event: from_a_newer_tracker\ndata: {}\n\n',
  'id: e.2\r\nevent: remove\r\ndata: {"id":"größer 🦉","version":3}\r\n\r\n',
  'event: stats\ndata: {"active":1}\n\n',
].join('')

it('reads the same frames wherever the bytes are cut', async () => {
  const bytes = encoder.encode(STREAM)
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const heard: unknown[] = []
    const body = bodyOf([bytes.slice(0, cut), bytes.slice(cut)])
    await readFrames(body, (frame, cursor) => heard.push([frame.type, cursor, 'id' in frame.data ? frame.data.id : undefined]))
    expect(heard).toEqual([
      ['hello', 'e.1', undefined],
      ['remove', 'e.2', 'größer 🦉'],
      ['stats', undefined, undefined],
    ])
  }
})

it('gives a frame as soon as its empty line is there, not when the next one comes', async () => {
  const heard: string[] = []
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  const reading = readFrames(
    new ReadableStream<Uint8Array>({ start: (given) => { controller = given } }),
    (frame) => heard.push(frame.type),
  )
  controller?.enqueue(encoder.encode('event: reset\ndata: {"reason":"epoch"}\n\n'))
  await new Promise((resolve) => {
    setTimeout(resolve)
  })
  expect(heard).toEqual(['reset'])
  controller?.close()
  await reading
})

it('stops at data that is not JSON', async () => {
  const body = bodyOf([encoder.encode('event: stats\ndata: {"active":\n\n')])
  await expect(readFrames(body, () => undefined)).rejects.toThrow('stats frame is not JSON')
})
