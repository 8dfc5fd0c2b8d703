/** `npm run plugin`: builds the Grafana plugin into grafana-plugin/dist/plugin, with `--zip` also the archive to install. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import process from 'node:process'

import { Command } from 'commander'
import { zipSync } from 'fflate'

import { buildPlugin } from '../grafana-plugin/buildPlugin.ts'

const ROOT = join(import.meta.dirname, '..')
const DIST = join(ROOT, 'grafana-plugin/dist/plugin')
/** The folder inside the archive, which must have the app's ID. */
const APP_ID = 'vividly-tracker-app'

await new Command('npm run plugin --')
  .description('Builds the Grafana plugin into grafana-plugin/dist/plugin.')
  .option('--zip', 'also writes grafana-plugin/dist/vividly-tracker-app-VERSION.zip, unsigned')
  .action(async ({ zip }: { zip?: true }) => {
    console.log(await buildPlugin(new Date().toISOString().slice(0, 10)))
    if (zip) console.log(`wrote ${relative(ROOT, await writeZip())}`)
  })
  .parseAsync(process.argv)

async function writeZip(): Promise<string> {
  const { info } = JSON.parse(await readFile(join(DIST, 'plugin.json'), 'utf8')) as { info: { version: string } }
  const files = (await readdir(DIST, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  const contents = await Promise.all(
    files.map(async ({ parentPath, name }) => {
      const path = join(parentPath, name)
      return [`${APP_ID}/${relative(DIST, path).replaceAll('\\', '/')}`, await readFile(path)] as const
    }),
  )
  const file = join(ROOT, `grafana-plugin/dist/${APP_ID}-${info.version}.zip`)
  await mkdir(join(ROOT, 'grafana-plugin/dist'), { recursive: true })
  await writeFile(file, zipSync(Object.fromEntries(contents)))
  return file
}
