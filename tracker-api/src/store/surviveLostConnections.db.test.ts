import { execFile } from 'node:child_process'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { expect, inject, test } from 'vitest'

/** A way to Postgres that is cut as soon as the driver asks for the types of arrays. */
async function cutWay(): Promise<{ url: string; close: () => void }> {
  const to = new URL(inject('testServerUrl'))
  const server = createServer((client) => {
    const upstream = connect(Number(to.port), to.hostname)
    client.on('error', () => {}).on('close', () => upstream.destroy())
    upstream.on('error', () => {}).on('close', () => client.destroy())
    upstream.pipe(client)
    client.on('data', (bytes) => (bytes.includes('pg_catalog.pg_type') ? client.destroy() : upstream.write(bytes)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(to)
  url.port = String((server.address() as AddressInfo).port)
  return { url: url.href, close: () => server.close() }
}

function runChild(url: string, guarded: boolean): Promise<{ code: number | string; stdout: string }> {
  const { promise, resolve } = Promise.withResolvers<{ code: number | string; stdout: string }>()
  const script = `
    import postgres from 'postgres'
    import { surviveLostConnections } from './surviveLostConnections.ts'
    if (${guarded}) surviveLostConnections({ warn: (_, words) => console.log(words) })
    const sql = postgres(process.argv[1], { max: 1, connect_timeout: 2 })
    setTimeout(() => { console.log('alive'); process.exit(0) }, 1500)
    await sql.reserve().catch(() => {})`
  execFile(process.execPath, ['--input-type=module', '-e', script, url], { cwd: import.meta.dirname }, (error, stdout) =>
    resolve({ code: error?.code ?? 0, stdout }),
  )
  return promise
}

test('a connection that is lost while the driver opens it does not end the process', async () => {
  const way = await cutWay()
  try {
    expect(await runChild(way.url, false)).toMatchObject({ code: 1 })
    const { code, stdout } = await runChild(way.url, true)
    expect(code).toBe(0)
    expect(stdout).toContain('a connection to Postgres was lost while it was opened')
    expect(stdout.trim().endsWith('alive')).toBe(true)
  } finally {
    way.close()
  }
})
