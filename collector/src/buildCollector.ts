import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'

const folder = join(import.meta.dirname, '..')
const manifestFile = join(folder, 'manifest.yaml')
const cache = join(folder, '../.cache/collector')

/** As the components of the manifest: a newer builder asks for a newer core. */
const BUILDER = 'go.opentelemetry.io/collector/cmd/builder@v0.155.0'

/**
 * The Collector of `manifest.yaml`, built where that was not done before: some minutes, and gigabytes in Go's own
 * caches. Kept by the manifest's digest under `.cache/`.
 *
 * @returns the program's path
 * @throws Error with what the step printed when one fails, or when there is no Go
 */
export async function buildCollector(say: (line: string) => void): Promise<string> {
  const digest = createHash('sha256').update(await readFile(manifestFile)).digest('hex').slice(0, 12)
  const home = join(cache, digest)
  const program = join(home, 'vividly-collector')
  if (existsSync(program)) return program

  const work = join(home, 'work')
  await rm(work, { recursive: true, force: true })
  await mkdir(work, { recursive: true })
  await copyFile(manifestFile, join(work, 'manifest.yaml'))
  say('Building the Collector, once; this takes minutes.')
  say('1 of 4: get the builder')
  await run('go', ['install', BUILDER], work, { GOBIN: work })
  say('2 of 4: write the sources')
  // It also tidies, which fails where a module that only tests need cannot be had. The next step goes on without it.
  await run(join(work, 'builder'), ['--config', 'manifest.yaml', '--skip-compilation'], work).catch((error: unknown) => {
    if (!existsSync(join(work, 'build/go.mod'))) throw error
  })
  say('3 of 4: get the modules')
  await run('go', ['mod', 'tidy', '-e'], join(work, 'build'))
  say('4 of 4: compile')
  const compiled = join(work, 'vividly-collector')
  await run('go', ['build', '-mod=mod', '-trimpath', '-ldflags', '-s -w', '-o', compiled, '.'], join(work, 'build'), {
    CGO_ENABLED: '0',
  })
  await rename(compiled, program)
  await rm(work, { recursive: true, force: true })
  return program
}

async function run(program: string, args: string[], cwd: string, env: Record<string, string> = {}): Promise<void> {
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const keep = (chunk: Buffer) => (output = `${output}${chunk.toString()}`.slice(-4000))
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('close', resolve)
    child.on('error', (cause) =>
      reject(new Error(`${program} could not be run. The Collector is built with Go 1.25 or newer (https://go.dev/dl).`, { cause })),
    )
  })
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${output}`)
}
