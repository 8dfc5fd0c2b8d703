import { readFile, readdir, readlink } from 'node:fs/promises'

/** Addresses of the kernel's tables: `127.0.0.1`, also as IPv6 writes it, and `::1`. */
const LOOPBACK = new Set(['0100007F', '0000000000000000FFFF00000100007F', '00000000000000000000000001000000'])
const LISTENING = '0A'

/** Addresses, as the kernel writes them, on which a process listens and that others than this machine reach. Linux only. */
export async function findForeignListeners(pid: number): Promise<string[]> {
  const folder = `/proc/${pid}/fd`
  const links = await Promise.all((await readdir(folder)).map((name) => readlink(`${folder}/${name}`).catch(() => '')))
  const sockets = new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []))
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8').catch(() => '')))
  return tables.flatMap((table) =>
    table.split('\n').flatMap((line) => {
      const [, address = '', , state, , , , , , socket = ''] = line.trim().split(/\s+/)
      const [ip = ''] = address.split(':')
      return state === LISTENING && sockets.has(socket) && !LOOPBACK.has(ip) ? [address] : []
    }),
  )
}
