import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'vividly-page-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('is the page as it is shipped, with the small React, whatever the caller’s NODE_ENV is', () => {
  expect(process.env['NODE_ENV']).toBe('test')
  execFileSync(process.execPath, ['node_modules/vite/bin/vite.js', 'build', 'grafana-plugin', '--outDir', folder, '--emptyOutDir', '--logLevel', 'warn'], { cwd: root })
  const scripts = readdirSync(join(folder, 'assets')).filter((name) => name.endsWith('.js'))
  expect(scripts.length).toBeGreaterThan(0)
  const all = scripts.map((name) => readFileSync(join(folder, 'assets', name), 'utf8')).join('\n')
  // Production React names its errors by their number; the other one has its warnings with it.
  const has = (text: string) => all.includes(text)
  expect({ errorsByNumber: has('https://react.dev/errors/'), warnings: has('Each child in a list should have a unique') })
    .toEqual({ errorsByNumber: true, warnings: false })
})
