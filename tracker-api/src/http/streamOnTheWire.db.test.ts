import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { drainStreams } from '../live/openStream.ts'
import { startMonitoring } from '../testing/startMonitoring.ts'
import type { Monitoring } from '../testing/startMonitoring.ts'
import { beginStory, tell } from '../testing/tellStory.ts'
import { createTestDatabase } from '../testing/testDatabase.ts'
import type { TestDatabase } from '../testing/testDatabase.ts'

let test_: TestDatabase
let replica: Monitoring
beforeAll(async () => {
  test_ = await createTestDatabase()
  replica = await startMonitoring(test_.url, { heartbeatMs: 300 })
})
afterAll(async () => {
  await replica.close()
  await test_.drop()
})

/** A connection that sends these bytes, and all that came on it so far. */
async function send(bytes: string): Promise<{ socket: Socket; heard: () => string; hear: (part: string) => Promise<string> }> {
  const { hostname, port } = new URL(replica.url)
  const socket = connect(Number(port), hostname)
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  await once(socket, 'connect')
  socket.write(bytes)
  return {
    socket,
    heard: () => text,
    hear: async (part) => {
      await expect.poll(() => text, { timeout: 5_000 }).toContain(part)
      return text
    },
  }
}
const path = (name: string) => `${new URL(replica.url).pathname}/${name}`

/** The body of chunks: throws where a length is not that of its bytes. */
function unchunk(body: string): string {
  let rest = Buffer.from(body)
  let whole = ''
  while (rest.length > 0) {
    const end = rest.indexOf('\r\n')
    const length = Number.parseInt(rest.subarray(0, end).toString(), 16)
    const chunk = rest.subarray(end + 2, end + 2 + length)
    if (chunk.length < length) break
    expect(rest.subarray(end + 2 + length, end + 4 + length).toString()).toBe('\r\n')
    whole += chunk.toString()
    rest = rest.subarray(end + 4 + length)
  }
  return whole
}

test('chunks are of the lengths they say, with any characters', async () => {
  const { socket, hear } = await send(`GET ${path('stream')} HTTP/1.1\r\nhost: localhost\r\n\r\n`)
  await hear('no_cursor')
  const story = beginStory(Date.now())
  await tell(test_.sql, [story.log('vividly.request.created', 0, { 'vividly.request.topic': 'Überlänge 🧪 мир' })])
  const text = await hear('Überlänge')
  const stream = unchunk(text.slice(text.indexOf('\r\n\r\n') + 4))
  expect(stream).toMatch(/^retry: \d{4}\n\n/)
  expect(stream).toContain('Überlänge 🧪 мир')
  socket.destroy()
})

test('who speaks HTTP/1.0 gets the stream as it is', async () => {
  const { socket, hear } = await send(`GET ${path('stream')} HTTP/1.0\r\nhost: localhost\r\n\r\n`)
  const text = await hear('event: heartbeat')
  expect(text.toLowerCase()).not.toContain('transfer-encoding')
  expect(text.slice(text.indexOf('\r\n\r\n') + 4)).toMatch(/^retry: \d{4}\n\nid: /)
  socket.destroy()
})

test('asked for behind another answer on the same connection, it comes behind it', async () => {
  const { socket, hear } = await send(
    `GET ${path('circuit-breakers')} HTTP/1.1\r\nhost: localhost\r\n\r\nGET ${path('stream')} HTTP/1.1\r\nhost: localhost\r\n\r\n`,
  )
  const text = await hear('event: heartbeat')
  const second = text.indexOf('HTTP/1.1 200', 1)
  expect(text.slice(0, second)).toContain('"items"')
  const answer = text.slice(second)
  expect(unchunk(answer.slice(answer.indexOf('\r\n\r\n') + 4))).toMatch(/^retry: \d{4}\n\nid: [^]*event: heartbeat/)
  socket.destroy()
})

test('a stream that has ended leaves its connection to what comes next', async () => {
  const { socket, hear, heard } = await send(`GET ${path('stream')} HTTP/1.1\r\nhost: localhost\r\n\r\n`)
  await hear('no_cursor')
  drainStreams(replica.feed)
  await hear('event: bye')
  await hear('\r\n0\r\n\r\n')
  const before = heard().length
  socket.write(`GET ${path('circuit-breakers')} HTTP/1.1\r\nhost: localhost\r\n\r\n`)
  await hear('"items"')
  expect(heard().slice(before)).toMatch(/^HTTP\/1\.1 200/)
  socket.destroy()
})
