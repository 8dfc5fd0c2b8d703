import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))

export type PipelineProcess = {
  child: ChildProcess
  dataDir: string
  intakeUrl: string
  geminiUrl: string
  nanoBananaUrl: string
  /** @returns the answer's body, whatever its status */
  ask: (body: unknown) => Promise<{ status: number; type: string | null; body: Record<string, string> }>
  /** SIGTERM, and the wait for the end. @returns exit code and milliseconds that it took */
  stop: () => Promise<{ code: number | null; tookMs: number }>
}

/** The real thing: `node src/main.ts` with its five children, on free ports, without a trickle. */
export async function startPipelineProcess(databaseUrl: string, otlpUrl: string, speed: number): Promise<PipelineProcess> {
  const dataDir = await mkdtemp(join(tmpdir(), 'vividly-pipeline-'))
  const options = ['--speed', String(speed), '--error-rate', '0', '--no-trickle']
  const ports = ['--port', '0', '--gemini-port', '0', '--nano-banana-port', '0']
  const child = spawn(process.execPath, [MAIN, ...options, ...ports], {
    env: { PATH: process.env['PATH'], DATABASE_URL: databaseUrl, OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl, OTEL_RESOURCE_ATTRIBUTES: 'service.version=0.1.0', TRACKER_DATA_DIR: dataDir, LOG_LEVEL: 'error' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const urls = await readUrls(child)
  return {
    child,
    dataDir,
    ...urls,
    async ask(body) {
      const answer = await fetch(`${urls.intakeUrl}/content-requests`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      })
      const type = answer.headers.get('Content-Type')
      return { status: answer.status, type, body: (await answer.json()) as Record<string, string> }
    },
    async stop() {
      const startedAtMs = performance.now()
      child.kill('SIGTERM')
      const [code] = (await exited) as [number | null]
      return { code, tookMs: performance.now() - startedAtMs }
    },
  }
}

/** From the lines with curl commands, which thereby are known to name the right addresses. */
async function readUrls(child: ChildProcess): Promise<Pick<PipelineProcess, 'intakeUrl' | 'geminiUrl' | 'nanoBananaUrl'>> {
  if (!child.stdout) throw new Error('The pipeline has no stdout')
  const found: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /curl .*(http:\/\/127\.0\.0\.1:\d+)\/(?:content-requests|faults)/.exec(line)?.[1]
    if (url !== undefined) found.push(url)
    const [intakeUrl, geminiUrl, nanoBananaUrl] = found
    if (intakeUrl !== undefined && geminiUrl !== undefined && nanoBananaUrl !== undefined) {
      child.stdout.resume()
      return { intakeUrl, geminiUrl, nanoBananaUrl }
    }
  }
  throw new Error('The pipeline ended before it was ready')
}
