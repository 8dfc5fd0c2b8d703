import { execFile } from 'node:child_process'
import { readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { packInstrumentation } from './testing/packInstrumentation.ts'
import { startOtlpSink } from './testing/startOtlpSink.ts'

const run = promisify(execFile)
vi.setConfig({ testTimeout: 60_000 })
let packed: Awaited<ReturnType<typeof packInstrumentation>>
beforeAll(async () => {
  packed = await packInstrumentation()
}, 60_000)
afterAll(() => rm(packed.dir, { recursive: true }))

it('holds JavaScript and declarations, no source and no test, and leaves the manifest as it was', async () => {
  const files = (await readdir(packed.installed, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
  expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json', 'index.js', 'index.d.ts']))
  expect(files.filter((name) => !/\.js$|\.d\.ts$|^(LICENSE|README\.md|package\.json)$/.test(name))).toEqual([])
  expect(files.filter((name) => name.includes('.test.'))).toEqual([])
  expect(await readFile(join(packed.copy, 'package.json'), 'utf8')).toBe(packed.manifestBefore)
  expect(await readdir(packed.copy)).not.toContain('LICENSE')
})

it('tracks from an empty project by ESM, with the dependencies that it declares and no other', async () => {
  const sink = await startOtlpSink()
  const app = join(packed.project, 'app.mjs')
  await writeFile(
    app,
    `import { RequestTracker } from '@vividly/instrumentation'
import { parseIdentity } from '@vividly/instrumentation/identity'
import { EVENT_STAGE_STARTED } from '@vividly/instrumentation/semconv'
const tracker = new RequestTracker()
const { correlationId } = tracker.createRequest({ studentId: 's', topic: 't' })
console.log(await tracker.trackStage(correlationId, 'validation', () => 'valid'), EVENT_STAGE_STARTED)
console.log(parseIdentity(correlationId).correlationId === correlationId)
tracker.completeRequest(correlationId)`,
  )
  const { stdout, stderr } = await run(process.execPath, ['--import', '@vividly/instrumentation/register', app], {
    cwd: packed.project,
    env: { PATH: process.env['PATH'], OTEL_EXPORTER_OTLP_ENDPOINT: sink.url, OTEL_SERVICE_NAME: 'empty' },
  })
  await sink.stop()
  expect({ stdout, stderr }).toEqual({ stdout: 'valid vividly.stage.started\ntrue\n', stderr: '' })
  expect(sink.records.map((record) => record.eventName)).toEqual([
    'vividly.request.created',
    'vividly.stage.started',
    'vividly.stage.completed',
    'vividly.request.completed',
  ])
})

it('compiles in a strict project', async () => {
  await symlink(join(packed.copy, '../node_modules/@types'), join(packed.project, 'node_modules/@types'))
  await writeFile(
    join(packed.project, 'app.mts'),
    `import { RequestTracker, definePipeline } from '@vividly/instrumentation'
const tracker = new RequestTracker({ pipeline: definePipeline('essay', ['write', 'review']) })
export const words: Promise<number> = tracker.trackStage('vvd', 'write', (stage) => stage.attempt)
// @ts-expect-error: the pipeline has no such stage
tracker.startStage('vvd', 'rewrite')`,
  )
  const strict = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--module', 'nodenext', '--target', 'es2022']
  const tsc = join(packed.copy, '../node_modules/.bin/tsc')
  const options = [...strict, '--lib', 'es2024,esnext.disposable,dom', '--types', 'node']
  const { stdout } = await run(tsc, [...options, 'app.mts'], { cwd: packed.project }).catch((error: unknown) => error as { stdout: string })
  expect(stdout).toBe('')
})

it('passes what checks published packages', async () => {
  const { messages, pkg } = await publint({ pkgDir: packed.installed, strict: true })
  expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([])
  const { problems } = (await checkPackage(createPackageFromTarballData(await readFile(packed.tarball)))) as {
    problems: readonly { kind: string; resolutionKind?: string }[]
  }
  // ES modules only: who requires them needs a Node that can require ESM (22.12), and no resolver older than `exports` finds them.
  const isByDesign = ({ kind, resolutionKind }: (typeof problems)[number]): boolean =>
    kind === 'CJSResolvesToESM' || resolutionKind === 'node10'
  expect(problems.filter((problem) => !isByDesign(problem))).toEqual([])
})
