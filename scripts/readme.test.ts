import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const documents = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md']
const scripts = Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts)

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((match) => match[1] ?? '')
}

test.each(documents)('%s names only commands that package.json has', (file) => {
  const text = read(file)
  const named = matches(text, /\bnpm (?:run )?(start|test|(?<=run )[\w:]+)/g)
  expect(named.filter((name) => !scripts.includes(name))).toEqual([])
})

test.each(documents)('%s links only to files that exist', (file) => {
  const linked = matches(read(file), /\]\((?!https?:)([^)#]+)\)/g)
  expect(linked.filter((path) => !existsSync(join(root, path)))).toEqual([])
})

test.each(documents)('%s names only folders and source files that exist', (file) => {
  const named = matches(read(file), /`((?:instrumentation|tracker-api|migrations|grafana-plugin|content-pipeline|scripts|docs)\/[\w./-]*)`/g)
  const missing = named.filter((path) => !path.includes('NNNN') && !existsSync(join(root, path)))
  expect(missing).toEqual([])
})

test('README lists the variables that the tracker reads', () => {
  const listed = matches(read('README.md'), /^\| `([A-Z_]+)` \|/gm)
  expect(listed).toEqual([
    'TRACKER_HOST',
    'TRACKER_PORT',
    'TRACKER_OTLP_PORT',
    'TRACKER_DATA_DIR',
    'DATABASE_URL',
    'TRACKER_AUTH',
    'LOG_LEVEL',
  ])
})
