import { createServer } from 'node:net'

/** Whether we could listen there now. What is no port of this machine's (a wrong host) rejects. */
export async function isPortFree(host: string, port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false)
      else reject(new Error(`Cannot listen on ${host}:${port}`, { cause: error }))
    })
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}
