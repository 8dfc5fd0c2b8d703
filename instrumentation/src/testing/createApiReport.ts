import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Extractor, ExtractorConfig, ExtractorMessageCategory } from '@microsoft/api-extractor'
import type { ExtractorLogLevel } from '@microsoft/api-extractor'

const root = join(import.meta.dirname, '../..')
const modules = join(root, '../node_modules')

/** Committed: every declaration that a service can import, and a warning for each that has no TSDoc. */
export const API_REPORT_FILE = join(root, 'api/instrumentation.api.md')

/** What {@link API_REPORT_FILE} should hold, from the declarations that the package would be published with. */
export async function createApiReport(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'vividly-api-'))
  try {
    await cp(join(root, 'package.json'), join(dir, 'package.json'))
    await symlink(modules, join(dir, 'node_modules'))
    await mkdir(join(dir, 'temp'))
    const project = join(root, 'tsconfig.pack.json')
    await promisify(execFile)(join(modules, '.bin/tsc'), ['-p', project, '--outDir', join(dir, 'dist')])
    extract(dir)
    return await readFile(join(dir, 'instrumentation.api.md'), 'utf8')
  } finally {
    await rm(dir, { recursive: true })
  }
}

const compilerOptions = {
  target: 'es2024',
  lib: ['es2024', 'esnext.disposable', 'dom'],
  module: 'nodenext',
  moduleResolution: 'nodenext',
  types: ['node'],
  strict: true,
  skipLibCheck: true,
}

function extract(dir: string): void {
  const config = ExtractorConfig.prepare({
    configObjectFullPath: join(dir, 'api-extractor.json'),
    packageJsonFullPath: join(dir, 'package.json'),
    configObject: {
      projectFolder: dir,
      mainEntryPointFilePath: join(dir, 'dist/index.d.ts'),
      compiler: { overrideTsconfig: { compilerOptions, files: ['dist/index.d.ts'] } },
      apiReport: {
        enabled: true,
        reportFileName: 'instrumentation.api.md',
        reportFolder: dir,
        reportTempFolder: join(dir, 'temp'),
      },
      messages: {
        extractorMessageReporting: {
          'ae-undocumented': { logLevel: 'warning' as ExtractorLogLevel, addToApiReportFile: true },
        },
      },
    },
  })
  // What it has to say stands in the report, not on the console.
  Extractor.invoke(config, {
    localBuild: true,
    messageCallback: (message) => {
      message.handled = message.category === ExtractorMessageCategory.Console
    },
  })
}
