import { fileURLToPath } from 'node:url'

import { buildPage } from '../buildPage.ts'
import { buildPlugin } from '../buildPlugin.ts'
import { isStale } from '../isStale.ts'
import { buildHost } from '../plugin/testing/buildHost.ts'

const at = (path: string) => fileURLToPath(new URL(`../dist/${path}`, import.meta.url))
const SOURCES = ['grafana-plugin/plugin', 'grafana-plugin/buildPlugin.ts', 'grafana-plugin/rspack.config.ts']

/**
 * Vitest global setup: what browsers open is built before any test of theirs, once a run, and only what is older than its
 * sources. So files may run beside each other, and none finds half a page.
 */
export default async function buildForBrowsers(): Promise<void> {
  await buildPage()
  if (await isStale(at('plugin/module.js'), SOURCES)) await buildPlugin('2026-11-24')
  for (const react of [18, 19] as const) {
    if (await isStale(at(`host${react}/host.js`), SOURCES)) await buildHost(react)
  }
}
