import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

/** Sends on what came, or does not, or later. */
type Passing = (bytes: Buffer, to: Socket) => void

const pass: Passing = (bytes, to) => to.write(bytes)

/** A way of a test's own to a database, on which what is asked and answered can be held up or cut; whoever ends, the other does too. */
export async function openWay(
  databaseUrl: string,
  { asked = pass, answered = pass }: { asked?: Passing; answered?: Passing },
): Promise<{ url: string; close: () => void }> {
  const url = new URL(databaseUrl)
  const { port, hostname } = url
  const server = createServer((client) => {
    const database = connect(Number(port), hostname)
    client.on('error', () => {}).on('close', () => database.destroy()).on('data', (bytes) => asked(bytes, database))
    database.on('error', () => {}).on('close', () => client.destroy()).on('data', (bytes) => answered(bytes, client))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url.port = String((server.address() as AddressInfo).port)
  return { url: url.href, close: () => server.close() }
}
