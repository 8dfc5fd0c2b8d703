import { readFile } from 'node:fs/promises'
import { constants, zstdCompressSync } from 'node:zlib'

const BLOCK_BYTES = 4096
/** The default of the file systems that have it. */
const params = { [constants.ZSTD_c_compressionLevel]: 3 }

/**
 * What a file would take on a file system that compresses each record of so many bytes by itself and stores it in whole
 * blocks, as ZFS does: a model of one, not one.
 */
export async function compressedBytes(file: string, recordBytes: number): Promise<number> {
  const content = await readFile(file)
  let bytes = 0
  for (let at = 0; at < content.length; at += recordBytes) {
    const record = content.subarray(at, at + recordBytes)
    const blocks = Math.ceil(zstdCompressSync(record, { params }).length / BLOCK_BYTES)
    bytes += Math.min(blocks * BLOCK_BYTES, record.length)
  }
  return bytes
}
