import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const pom = join(import.meta.dirname, 'pom.xml')
const cache = join(import.meta.dirname, '../../../.cache/kafka')

/**
 * Kafka's jars, got with Maven where that was not done before and kept by the pom's digest under `.cache/`.
 *
 * @returns a Java class path
 * @throws Error that says what to install when there is no Maven
 */
export async function getKafka(): Promise<string> {
  const digest = createHash('sha256').update(await readFile(pom)).digest('hex').slice(0, 12)
  const home = join(cache, digest)
  if (!existsSync(home)) {
    const work = `${home}.getting`
    await rm(work, { recursive: true, force: true })
    await mkdir(work, { recursive: true })
    const args = ['--batch-mode', '--quiet', '--file', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${work}`]
    await run('mvn', args).catch((cause: unknown) => {
      throw new Error('Kafka could not be got. It takes Java 17 and Maven (https://maven.apache.org).', { cause })
    })
    await rename(work, home)
  }
  return join(home, '*')
}
