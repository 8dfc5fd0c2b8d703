import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'

const run = promisify(execFile)
const repository = join(import.meta.dirname, '../../..')
const modules = join(repository, 'node_modules')

/**
 * `npm pack`, of a copy, so that whoever reads the sources meanwhile meets no changed manifest; then an empty project
 * that has what is in the package, and of all else only the dependencies it declares. Needs no registry.
 */
export async function packInstrumentation() {
  const dir = await mkdtemp(join(tmpdir(), 'vividly-pack-'))
  const copy = join(dir, 'repository/instrumentation')
  await cp(join(repository, 'instrumentation'), copy, {
    recursive: true,
    filter: (path) => !/[/\\](node_modules|dist|\.cache)$/.test(path),
  })
  for (const file of ['LICENSE', 'tsconfig.json']) await cp(join(repository, file), join(dir, 'repository', file))
  await symlink(modules, join(dir, 'repository/node_modules'))
  const manifestBefore = await readFile(join(copy, 'package.json'), 'utf8')
  const env = { ...process.env, PATH: `${join(modules, '.bin')}:${process.env['PATH'] ?? ''}` }
  const { stdout } = await run('npm', ['pack', '--offline', '--pack-destination', dir], { cwd: copy, env })
  const tarball = join(dir, stdout.trim().split('\n').at(-1) ?? '')

  const project = join(dir, 'project')
  const installed = join(project, 'node_modules/@vividly/instrumentation')
  await mkdir(installed, { recursive: true })
  await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', installed])
  const { dependencies } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  for (const name of Object.keys(dependencies)) {
    const link = join(project, 'node_modules', name)
    await mkdir(dirname(link), { recursive: true })
    await symlink(join(modules, name), link)
  }
  return { dir, copy, manifestBefore, tarball, project, installed }
}
