/**
 * Many readers of one stream, in a process of their own: `node listener.ts <host> <port> <path> <count>`. Says `ready`
 * when all have begun to receive; answers each line on stdin with what came since the last one, as JSON.
 */
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'

const [host = '', port = '', path = '', count = '1'] = process.argv.slice(2)
const EVENT = Buffer.from('event: request\n')
let messages = 0
let bytes = 0
let begun = 0
/** When the first reader had each request's first state: Unix milliseconds, by correlation ID. */
let arrivals: [id: string, atMs: number][] = []
let rest = ''

function open(isFirst: boolean): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const socket = connect(Number(port), host, () => socket.write(`GET ${path} HTTP/1.1\r\nhost: ${host}:${port}\r\n\r\n`))
  socket.once('error', reject)
  socket.once('data', () => {
    begun += 1
    resolve(socket)
  })
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    for (let at = chunk.indexOf(EVENT); at >= 0; at = chunk.indexOf(EVENT, at + EVENT.length)) messages += 1
    if (isFirst) note(chunk.toString('latin1'))
  })
  return promise
}

function note(text: string): void {
  const now = performance.timeOrigin + performance.now()
  rest += text
  const end = rest.lastIndexOf('\n\n')
  if (end < 0) return
  for (const [, id] of rest.slice(0, end).matchAll(/"correlation_id" ?: ?"(vvd_\w+)"/g)) if (id !== undefined) arrivals.push([id, now])
  rest = rest.slice(end)
}

for (let opened = 0; opened < Number(count); opened += 50) {
  await Promise.all(Array.from({ length: Math.min(50, Number(count) - opened) }, (_, i) => open(opened + i === 0)))
}
console.log('ready')
for await (const _ of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify({ messages, bytes, begun, arrivals }))
  messages = 0
  bytes = 0
  arrivals = []
}
process.exit(0)
