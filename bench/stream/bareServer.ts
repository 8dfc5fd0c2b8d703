/**
 * What delivering costs at least: the same messages by `socket.write`. `node bareServer.ts <messages a second> <bytes> <at once>`;
 * begins at the first line on stdin: writing to thousands would keep it from taking in the others.
 */
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

const [perSecond = '1', bytes = '1000', atOnce = '1'] = process.argv.slice(2)
const message = `event: request\ndata: ${'x'.repeat(Math.max(0, Number(bytes) - 24))}\n\n`
const sockets = new Set<Socket>()
const server = createServer((socket) => {
  sockets.add(socket)
  socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  socket.write('HTTP/1.1 200 OK\r\n\r\n')
}).listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))
const block = Buffer.from(message.repeat(Number(atOnce)))
process.stdin.once('data', () => {
  setInterval(() => {
    for (const socket of sockets) socket.write(block)
  }, (1000 * Number(atOnce)) / Number(perSecond))
})
