import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { buildPlugin } from '../buildPlugin.ts'
import { EXTERNALS } from '../rspack.config.ts'

/** Not where browsers find it, whose tests run meanwhile. */
const DIST = mkdtempSync(join(tmpdir(), 'vividly-plugin-'))
/** Grafana's shared packages and the module's own meta: https://github.com/grafana/plugin-tools names them. */
const GIVEN = new Set([...EXTERNALS, 'module'])
const MODULE_KB_GZIP = 80

type PluginJson = {
  id: string
  type: string
  info: { version: string; updated: string; logos: { small: string; large: string }; screenshots: { path: string }[] }
  includes?: { type: string; path: string }[]
  dependencies: { grafanaDependency: string }
}

const files = () => readdirSync(DIST, { recursive: true, encoding: 'utf8' }).filter((path) => statSync(join(DIST, path)).isFile())
const read = (path: string) => readFileSync(join(DIST, path), 'utf8')
const plugins = () => files().filter((path) => path.endsWith('plugin.json'))

beforeAll(async () => {
  await buildPlugin('2026-11-24', DIST)
})
afterAll(() => rmSync(DIST, { recursive: true, force: true }))

it('names in each plugin.json only files that are there, its own version, and no placeholder', () => {
  expect(plugins().length).toBe(5)
  for (const path of plugins()) {
    const json = JSON.parse(read(path)) as PluginJson
    const { info, includes = [] } = json
    expect(json.id).toMatch(/^vividly-[a-z-]+-(app|datasource|panel)$/)
    expect(json.id.endsWith(json.type)).toBe(true)
    expect(info.version).toMatch(/^\d+\.\d+\.\d+$/)
    expect(info.updated).toBe('2026-11-24')
    expect(json.dependencies.grafanaDependency).toBe('>=12.2.0')
    const named = [info.logos.small, info.logos.large, ...info.screenshots.map((shot) => shot.path)]
    for (const file of [...named, 'module.js']) expect(files()).toContain(join(dirname(path), file))
    const included = includes.map((include) => include.path).filter((file) => !file.startsWith('/'))
    expect(files()).toEqual(expect.arrayContaining(included))
  }
  // %PLUGIN_ID% is Grafana's own, in the paths of pages.
  for (const path of files().filter((file) => file.endsWith('.json'))) expect(read(path)).not.toMatch(/%(VERSION|TODAY)%/)
  expect(files()).toEqual(expect.arrayContaining(['README.md', 'CHANGELOG.md', 'LICENSE']))
})

it('is AMD that takes from Grafana what is shared and nothing else, and stays small', () => {
  const modules = files().filter((path) => path.endsWith('.js'))
  expect(modules.length).toBe(5)
  for (const path of modules) {
    const source = read(path)
    const [, list = ''] = /^define\(\[(.*?)\],/.exec(source) ?? []
    const wanted = list.split(',').map((name) => name.replaceAll('"', ''))
    expect(wanted.length).toBeGreaterThan(1)
    for (const name of wanted) expect(GIVEN).toContain(name)
    expect(source).not.toMatch(/\beval\(|new Function\(|console\.log\(/)
    expect(gzipSync(source).length).toBeLessThan(MODULE_KB_GZIP * 1_000)
  }
})

it('sends the token only by the proxy’s route, for reading alone', () => {
  const source = JSON.parse(read('datasource/plugin.json')) as { routes: { path: string; method: string; headers: { content: string }[] }[] }
  expect(source.routes).toEqual([
    expect.objectContaining({ path: 'tracker', method: 'GET', headers: [{ name: 'Authorization', content: 'Bearer {{ .SecureJsonData.apiToken }}' }] }),
  ])
})
