import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { Hono } from 'hono'
import type { SimulatorEnv } from '../simulators/faults.ts'

/** Serves on 127.0.0.1. @param port 0: any free one */
export async function listen(
  app: Hono<SimulatorEnv> | Hono,
  port: number,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const server = createAdaptorServer({ fetch: app.fetch })
  if (!('closeAllConnections' in server)) throw new Error('Expected an HTTP/1 server')
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    throw new Error(`Port ${port} on 127.0.0.1 can't be opened; is the pipeline running already? Choose another port`, {
      cause: error,
    })
  }
  const { port: actual } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${actual}`,
    stop: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
