import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { rspack } from '@rspack/core'

import configure from './rspack.config.ts'

const DIST = fileURLToPath(new URL('dist/plugin', import.meta.url))

/** Builds the plugin into `folder`, which is emptied first. @returns what the bundler says of it; rejects when it fails */
export async function buildPlugin(today: string, folder = DIST): Promise<string> {
  const { version } = JSON.parse(await readFile(new URL('package.json', import.meta.url), 'utf8')) as { version: string }
  const compiler = rspack(configure(version, today, folder))
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  compiler.run((error, stats) => {
    compiler.close(() => {
      if (error || !stats) reject(error ?? new Error('The bundler said nothing.'))
      else if (stats.hasErrors()) reject(new Error(stats.toString({ preset: 'errors-only' })))
      else resolve(stats.toString({ preset: 'summary', assets: true, excludeAssets: /\.map$/ }))
    })
  })
  return promise
}
