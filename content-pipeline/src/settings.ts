import process from 'node:process'
import { z } from 'zod'

// The one file of this package that reads the environment. The OpenTelemetry SDK reads OTEL_EXPORTER_OTLP_ENDPOINT and
// its other variables itself; it is checked here, so that a typing error stops the start instead of losing telemetry.

const url = z.url({ protocol: /^https?$/ })
const port = z.coerce.number().int().min(0).max(65_535)

const environmentSchema = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: url.default('http://127.0.0.1:4318'),
  TRACKER_DATA_DIR: z.string().min(1).default('.data'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  PIPELINE_SPEED: z.coerce.number().min(0.1).max(1000).default(6),
  PIPELINE_ERROR_RATE: z.coerce.number().min(0).max(1).default(0.03),
  PIPELINE_PORT: port.default(8485),
  PIPELINE_GEMINI_PORT: port.default(8486),
  PIPELINE_NANO_BANANA_PORT: port.default(8487),
  PIPELINE_PUBLIC_URL: url.default('http://127.0.0.1:8485'),
  PIPELINE_GEMINI_URL: url.default('http://127.0.0.1:8486'),
  PIPELINE_NANO_BANANA_URL: url.default('http://127.0.0.1:8487'),
})

export type Settings = {
  /** Absent: the launcher starts an embedded Postgres. */
  databaseUrl: string | undefined
  otlpEndpoint: string
  dataDir: string
  logLevel: string
  /** Times faster than the seed's three minutes a request. */
  speed: number
  /** Share of provider calls that fail on a good day. */
  errorRate: number
  /** 0: any free port. */
  ports: { intake: number; gemini: number; nanoBanana: number }
  /** Where the intake serves the finished videos. */
  publicUrl: string
  geminiUrl: string
  nanoBananaUrl: string
}

/** @throws Error that lists every wrong variable. */
export function readSettings(environment: NodeJS.ProcessEnv = process.env): Settings {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim() !== ''))
  const parsed = environmentSchema.safeParse(set)
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`)
    throw new Error(`The environment is not fit to start with:\n${problems.join('\n')}`)
  }
  const values = parsed.data
  return {
    databaseUrl: values.DATABASE_URL,
    otlpEndpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT,
    dataDir: values.TRACKER_DATA_DIR,
    logLevel: values.LOG_LEVEL,
    speed: values.PIPELINE_SPEED,
    errorRate: values.PIPELINE_ERROR_RATE,
    ports: { intake: values.PIPELINE_PORT, gemini: values.PIPELINE_GEMINI_PORT, nanoBanana: values.PIPELINE_NANO_BANANA_PORT },
    publicUrl: values.PIPELINE_PUBLIC_URL,
    geminiUrl: values.PIPELINE_GEMINI_URL,
    nanoBananaUrl: values.PIPELINE_NANO_BANANA_URL,
  }
}

/** What a child process of the launcher is told, over the launcher's own environment. */
export function toEnvironment(settings: Settings): NodeJS.ProcessEnv {
  return {
    ...process.env,
    OTEL_EXPORTER_OTLP_ENDPOINT: settings.otlpEndpoint,
    ...(settings.databaseUrl !== undefined && { DATABASE_URL: settings.databaseUrl }),
    TRACKER_DATA_DIR: settings.dataDir,
    LOG_LEVEL: settings.logLevel,
    PIPELINE_SPEED: String(settings.speed),
    PIPELINE_ERROR_RATE: String(settings.errorRate),
    PIPELINE_PORT: String(settings.ports.intake),
    PIPELINE_GEMINI_PORT: String(settings.ports.gemini),
    PIPELINE_NANO_BANANA_PORT: String(settings.ports.nanoBanana),
    PIPELINE_PUBLIC_URL: settings.publicUrl,
    PIPELINE_GEMINI_URL: settings.geminiUrl,
    PIPELINE_NANO_BANANA_URL: settings.nanoBananaUrl,
  }
}
