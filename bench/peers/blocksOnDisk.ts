import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Bytes that a folder takes on disk: files may be far longer than what was written to them. */
export async function blocksOnDisk(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const sizes = entries.map(async (entry) => (entry.isFile() ? (await stat(join(entry.parentPath, entry.name))).blocks * 512 : 0))
  return (await Promise.all(sizes)).reduce((sum, bytes) => sum + bytes, 0)
}
