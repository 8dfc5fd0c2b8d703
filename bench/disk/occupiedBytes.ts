import { execFile } from 'node:child_process'
import { stat, statfs } from 'node:fs/promises'
import { promisify } from 'node:util'

const BTRFS = 0x9123683e
const run = promisify(execFile)

/**
 * Bytes that files take on the file system that they lie on, compressed or not. Of btrfs only `compsize` knows: it says
 * nothing of compression in a file's blocks.
 */
export async function occupiedBytes(files: readonly string[]): Promise<number> {
  const [first] = files
  if (first === undefined) return 0
  await run('sync', ['-f', first])
  if ((await statfs(first)).type !== BTRFS) {
    return (await Promise.all(files.map(async (file) => (await stat(file)).blocks * 512))).reduce((sum, bytes) => sum + bytes, 0)
  }
  const { stdout } = await run('compsize', ['-b', ...files])
  const [, bytes] = /^TOTAL\s+\d+%\s+(\d+)/m.exec(stdout) ?? []
  if (bytes === undefined) throw new Error(`compsize answered without a total: ${stdout}`)
  return Number(bytes)
}
