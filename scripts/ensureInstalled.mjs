// Runs on the system's Node, before anything is installed: no dependencies, no TypeScript.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
/** What npm itself keeps of what it has installed; it writes this last. */
const installedFile = join(root, 'node_modules/.package-lock.json')
const progressMs = 10_000

/** Installs what package-lock.json names, when it is not there already. Ends the process when that fails. */
export async function ensureInstalled() {
  if (isInstalled()) return
  console.log('Installing what is missing (npm ci, about a minute) …')
  const startedAt = Date.now()
  const seconds = () => Math.round((Date.now() - startedAt) / 1000)
  const timer = setInterval(() => console.log(`  still installing, ${seconds()} s`), progressMs)
  const code = await npmCi()
  clearInterval(timer)
  if (code !== 0) {
    console.error(`npm ci ended with code ${code}: its message above says why. Nothing was started.`)
    process.exit(1)
  }
  console.log(`Installed in ${seconds()} s.`)
}

function isInstalled() {
  if (!existsSync(installedFile)) return false
  const wanted = packagesOf(join(root, 'package-lock.json'))
  const installed = packagesOf(installedFile)
  return Object.entries(wanted).every(
    ([path, { version, optional, link }]) =>
      optional || link || !path.includes('node_modules/') || installed[path]?.version === version,
  )
}

/** @returns {Record<string, { version?: string, optional?: boolean, link?: boolean }>} */
function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages
}

/** Errors only: most packages warn of the system's Node, and run on the one that is installed with them. */
function npmCi() {
  const flags = ['ci', '--include=dev', '--include=optional', '--loglevel=error', '--no-audit', '--no-fund']
  const npmScript = process.env['npm_execpath']
  const child = npmScript?.endsWith('.js')
    ? spawn(process.execPath, [npmScript, ...flags], { cwd: root, stdio: 'inherit' })
    : spawn('npm', flags, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' })
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(`npm could not be run: ${error.message}`)
      resolve(1)
    })
    child.on('close', (code) => resolve(code ?? 1))
  })
}
