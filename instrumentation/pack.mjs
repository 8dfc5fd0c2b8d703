// npm runs this before and after it packs. Node runs no TypeScript under node_modules, so the package holds JavaScript
// and declarations in dist/, and its package.json points there; the repository's own one points to the sources.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

const here = import.meta.dirname
const manifest = join(here, 'package.json')
/** The manifest as it was; a pack that broke off leaves it here for the next one. */
const kept = join(here, '.cache/package.json')
const license = join(here, 'LICENSE')

function restore() {
  if (existsSync(kept)) renameSync(kept, manifest)
  rmSync(license, { force: true })
}

const toPacked = (source) => {
  const stem = source.replace('./src/', './dist/').replace(/\.ts$/, '')
  return { types: `${stem}.d.ts`, default: `${stem}.js` }
}

restore()
if (process.argv[2] !== 'restore') {
  rmSync(join(here, 'dist'), { recursive: true, force: true })
  execFileSync('tsc', ['-p', join(here, 'tsconfig.pack.json')], { stdio: ['ignore', process.stderr, 'inherit'] })
  const text = readFileSync(manifest, 'utf8')
  const { devDependencies: _, scripts: __, ...published } = JSON.parse(text)
  const exports = Object.entries(published.exports).map(([path, source]) => [path, toPacked(source)])
  mkdirSync(join(here, '.cache'), { recursive: true })
  writeFileSync(kept, text)
  cpSync(join(here, '../LICENSE'), license)
  writeFileSync(manifest, `${JSON.stringify({ ...published, exports: Object.fromEntries(exports) }, undefined, 2)}\n`)
}
