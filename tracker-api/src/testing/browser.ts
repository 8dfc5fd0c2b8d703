import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import chromium, { inflate } from '@sparticuz/chromium'
import { chromium as playwright } from 'playwright-core'
import type { Browser } from 'playwright-core'

/** The package's flags are for its cloud; these would hide faults of ours that a real browser shows. */
const unwanted = new Set(['--single-process', '--disable-web-security', '--allow-running-insecure-content'])
/** Those for a graphics card that is emulated: its one-time work stops each painting for seconds. Pages are drawn without one. */
const EMULATED_GPU = /^--(use-gl|use-angle|in-process-gpu|ignore-gpu-blocklist|enable-unsafe-swiftshader)\b/

/**
 * A headless Chromium that comes from npm (unpacked to the temp folder: some 10 s the first time on a machine).
 * `await browser.close()` ends all of its processes. A machine without NSS or fonts gets those from the package too.
 */
export async function openBrowser(): Promise<Browser> {
  const executablePath = await chromium.executablePath()
  try {
    return await launch(executablePath)
  } catch (error) {
    const reason = String(error)
    if (reason.includes('shared libraries')) return launch(executablePath, await unpackedLibraries())
    // A run that was killed while it unpacked leaves half a browser behind.
    await rm(executablePath, { force: true })
    return launch(await chromium.executablePath())
  }
}

async function launch(executablePath: string, libraries?: string): Promise<Browser> {
  return playwright.launch({
    executablePath,
    args: [...chromium.args.filter((arg) => !unwanted.has(arg) && !EMULATED_GPU.test(arg)), '--disable-gpu'],
    headless: true,
    env: {
      ...process.env,
      ...(!existsSync('/etc/fonts') && { FONTCONFIG_PATH: join(tmpdir(), 'fonts') }),
      ...(libraries !== undefined && { LD_LIBRARY_PATH: libraries }),
    },
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  })
}

async function unpackedLibraries(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium')
  await inflate(join(dirname(entry), '../bin/al2023.tar.br'))
  return join(tmpdir(), 'al2023/lib')
}
