import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

const LOOK_EVERY_MS = 500
const ANSWER_WITHIN_MS = 1_000

export type Target = {
  /** `host:port`. */
  address: string
  /** Answers 2xx while it may be given connections. */
  healthUrl: string
}

/**
 * Gives connections to the targets in turn, as a network load balancer does: it reads nothing of what goes through, so
 * a stream of server-sent events passes as it comes. A target that does not answer or says that it is not ready gets no
 * new connections and loses those it has; its clients come again and are given to another.
 */
export async function startBalancer(port: number, targets: readonly Target[]) {
  const down = new Set<Target>()
  const open = new Map<Target, Set<Socket>>(targets.map((target) => [target, new Set()]))
  let turn = 0

  async function look(target: Target): Promise<void> {
    const isReady = await fetch(target.healthUrl, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) }).then(
      async (answer) => (await answer.body?.cancel(), answer.ok),
      () => false,
    )
    if (isReady) down.delete(target)
    else {
      down.add(target)
      for (const socket of open.get(target) ?? []) socket.destroy()
    }
  }

  /** Those that are ready first, beginning with whose turn it is; the others too, for we may be behind. */
  function inTurn(): Target[] {
    turn += 1
    const rotated = targets.map((_, at) => targets[(turn + at) % targets.length]).filter((target) => target !== undefined)
    return [...rotated.filter((target) => !down.has(target)), ...rotated.filter((target) => down.has(target))]
  }

  async function serve(client: Socket): Promise<void> {
    client.on('error', () => client.destroy())
    for (const target of inTurn()) {
      const socket = await reach(target)
      if (socket === undefined) continue
      open.get(target)?.add(socket)
      socket.on('close', () => (open.get(target)?.delete(socket), client.destroy()))
      client.on('close', () => socket.destroy())
      if (client.destroyed) socket.destroy()
      client.pipe(socket).pipe(client)
      return
    }
    client.destroy()
  }

  const server = createServer({ allowHalfOpen: true }, (client) => void serve(client))
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const looking = setInterval(() => targets.forEach((target) => void look(target)), LOOK_EVERY_MS)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      clearInterval(looking)
      for (const sockets of open.values()) for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function reach({ address }: Target): Promise<Socket | undefined> {
  const { hostname, port } = new URL(`tcp://${address}`)
  const { promise, resolve } = Promise.withResolvers<Socket | undefined>()
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true, timeout: ANSWER_WITHIN_MS })
  socket.once('connect', () => resolve(socket.setTimeout(0)))
  socket.once('timeout', () => (socket.destroy(), resolve(undefined)))
  socket.on('error', () => (socket.destroy(), resolve(undefined)))
  return promise
}
