import { execFile } from 'node:child_process'
import { access, cp, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** The Go module of Jaeger 2.13. */
const VERSION = 'v1.76.0'
const home = join(import.meta.dirname, `../../.cache/peers/jaeger-${VERSION}`)
const run = promisify(execFile)

/**
 * The path of Jaeger, built once (some minutes; it takes Go). `go install` refuses modules that replace others, so it is
 * built in a copy of the module's source; its page is a placeholder there, which nothing here looks at.
 */
export async function getJaeger(say: (line: string) => void): Promise<string> {
  const program = join(home, 'jaeger')
  if (await access(program).then(() => true, () => false)) return program
  const work = join(home, 'work')
  await rm(work, { recursive: true, force: true })
  await mkdir(home, { recursive: true })
  try {
    say(`getting Jaeger ${VERSION}, which takes some minutes, once …`)
    const { stdout } = await run('go', ['mod', 'download', '-json', `github.com/jaegertracing/jaeger@${VERSION}`], { cwd: home })
    await cp((JSON.parse(stdout) as { Dir: string }).Dir, work, { recursive: true })
    // Go's cache of modules cannot be written to, and the copy inherits that.
    await run('chmod', ['-R', 'u+w', work])
    const built = join(work, 'built')
    const env = { ...process.env, CGO_ENABLED: '0' }
    await run('go', ['build', '-trimpath', '-ldflags', '-s -w', '-o', built, './cmd/jaeger'], { cwd: work, env, maxBuffer: 2 ** 26 })
    await rename(built, program)
  } catch (cause) {
    throw new Error('Jaeger could not be built: it takes Go (https://go.dev/dl) and, the first time, a network', { cause })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return program
}
