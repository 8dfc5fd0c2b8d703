import { execFile } from 'node:child_process'
import { expect, inject, test } from 'vitest'
import { openWay } from '../testing/openWay.ts'

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
  // Cut as soon as the driver asks for the types of arrays.
  const way = await openWay(inject('testServerUrl'), {
    asked: (bytes, to) => (bytes.includes('pg_catalog.pg_type') ? to.destroy() : to.write(bytes)),
  })
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
