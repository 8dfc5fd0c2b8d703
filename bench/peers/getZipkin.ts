import { execFile } from 'node:child_process'
import { access, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const VERSION = '3.5.1'
const home = join(import.meta.dirname, '../../.cache/peers')

/** The path of Zipkin's program, a jar, which Maven gets once (130 MB). Running it takes Java 17. */
export async function getZipkin(say: (line: string) => void): Promise<string> {
  const name = `zipkin-server-${VERSION}-exec.jar`
  const jar = join(home, name)
  if (await access(jar).then(() => true, () => false)) return jar
  say(`getting Zipkin ${VERSION} …`)
  const unfinished = join(home, `zipkin-${process.pid}`)
  const args = [
    '--quiet', '--batch-mode', 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy',
    `-Dartifact=io.zipkin:zipkin-server:${VERSION}:jar:exec`, `-DoutputDirectory=${unfinished}`,
  ]
  try {
    await mkdir(unfinished, { recursive: true })
    await promisify(execFile)('mvn', args, { cwd: unfinished })
    await rename(join(unfinished, name), jar)
  } catch (cause) {
    throw new Error(`mvn ${args.join(' ')} failed: it takes Maven, Java and, the first time, a network`, { cause })
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
  return jar
}
