import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

type Profile = {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[]
  samples: number[]
  timeDeltas: number[]
}

/** Of V8's profile in a folder, the largest where there are several: what share of its time, idle included, each function had. */
export async function toHotFunctions(folder: string, top: number): Promise<{ share: string; 'ms': number; in: string }[]> {
  const texts = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')))
  const [largest = '{"nodes":[],"samples":[],"timeDeltas":[]}'] = texts.toSorted((a, b) => b.length - a.length)
  const { nodes, samples, timeDeltas } = JSON.parse(largest) as Profile
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => [
      id, `${functionName || '(anonymous)'} ${url === '' ? '' : `${url.split('/').slice(-2).join('/')}:${lineNumber + 1}`}`.trim(),
    ]),
  )
  const ownUs = new Map<string, number>()
  samples.forEach((id, i) => {
    const name = names.get(id) ?? ''
    ownUs.set(name, (ownUs.get(name) ?? 0) + (timeDeltas[i] ?? 0))
  })
  const allUs = timeDeltas.reduce((sum, us) => sum + us, 0)
  return [...ownUs].toSorted((a, b) => b[1] - a[1]).slice(0, top)
    .map(([name, us]) => ({ share: `${((us / allUs) * 100).toFixed(1)} %`, 'ms': Math.round(us / 1000), in: name }))
}
