import { z } from 'zod'
import { isLoopback } from './http/loopbackHost.ts'
import type { RedactionRules } from './redaction/RedactionRules.ts'
import { mistakeInTextRule } from './redaction/RedactionRules.ts'
import { PLACEHOLDERS } from './store/OutsideLinks.ts'
import type { OutsideLinks } from './store/OutsideLinks.ts'
import type { Recording } from './store/createRecorder.ts'

const port = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a port number')
  .transform(Number)
  .refine((number) => number <= 65_535, 'must be 0 (any free port) to 65535')

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** Whether callers need tokens. */
const AUTH_MODES = ['off', 'tokens'] as const

const words = z.string().transform((text) => text.split(/\s+/).filter(Boolean)).optional()

/** With what stands for a request's parts: see {@link OutsideLinks}. */
const outsideAddress = z
  .string()
  .refine((text) => /^https?:\/\/[^{}\s]+/.test(text), 'must begin with http:// or https:// and a host')
  .refine(
    (text) => (text.match(/\{[^}]*\}/g) ?? []).every((part) => PLACEHOLDERS.some((name) => part === `{${name}}`)),
    `may hold these in braces: ${PLACEHOLDERS.join(', ')}`,
  )

const environment = z.object({
  TRACKER_HOST: z.string().regex(/^[\w.:-]+$/, 'must be a host name or an IP address').default('127.0.0.1'),
  TRACKER_PORT: port.default(8484),
  TRACKER_OTLP_PORT: z.union([z.literal('off'), port], 'must be a port number from 0 to 65535, or off').default(4318),
  TRACKER_DATA_DIR: z.string().default('.data'),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'must look like postgres://user:password@host/database' })
    .optional(),
  TRACKER_PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' }).optional(),
  TRACKER_TRACE_URL: outsideAddress.optional(),
  TRACKER_LOGS_URL: outsideAddress.optional(),
  TRACKER_AUTH: z.enum(AUTH_MODES, `must be one of ${AUTH_MODES.join(', ')}`).optional(),
  TRACKER_REDACT_KEYS: words,
  TRACKER_KEEP_KEYS: words,
  TRACKER_REDACT_TEXTS: words.superRefine((rules, context) => {
    for (const message of rules?.flatMap((rule) => mistakeInTextRule(rule) ?? []) ?? []) context.addIssue({ code: 'custom', message })
  }),
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
})

export type Config = {
  host: string
  /** Page, monitoring endpoints and OTLP. 0 takes any free one. */
  port: number
  /** The same app where every SDK looks; undefined is off. */
  otlpPort: number | undefined
  /** Of the embedded Postgres. */
  dataDir: string
  /** Undefined: start the embedded one. */
  databaseUrl: string | undefined
  /** Where people open the page, for links in alerts. Undefined: where it listens. */
  publicUrl?: string | undefined
  /** Where the page leads from a request. */
  links?: OutsideLinks | undefined
  /** `off` if not said; never off where other machines can reach the tracker. */
  auth?: (typeof AUTH_MODES)[number] | undefined
  /** What is not stored, whatever services send; nothing is left out if not said. */
  redaction?: RedactionRules | undefined
  logLevel: (typeof LOG_LEVELS)[number]
  /** Not from the environment: for benchmarks, which compare. */
  recording?: Partial<Recording> | undefined
}

/** The environment is wrong; the message lists every problem. Values are not repeated: one may hold a password. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

/** An empty variable counts as not set. Throws {@link ConfigError}. */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()))
  const parsed = environment.safeParse(set)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')} ${message}`)
    throw new ConfigError(`The environment is wrong; nothing was started:\n${problems.join('\n')}`)
  }
  const { TRACKER_OTLP_PORT: otlpPort, ...rest } = parsed.data
  const auth = rest.TRACKER_AUTH ?? (isLoopback(rest.TRACKER_HOST) ? 'off' : 'tokens')
  if (auth === 'off' && !isLoopback(rest.TRACKER_HOST)) {
    throw new ConfigError(
      'The environment is wrong; nothing was started:\n  TRACKER_AUTH must be tokens where TRACKER_HOST is not a loopback address: others could read and write everything',
    )
  }
  return {
    host: rest.TRACKER_HOST,
    port: rest.TRACKER_PORT,
    otlpPort: otlpPort === 'off' ? undefined : otlpPort,
    dataDir: rest.TRACKER_DATA_DIR,
    databaseUrl: rest.DATABASE_URL,
    publicUrl: rest.TRACKER_PUBLIC_URL?.replace(/\/$/, ''),
    links: rest.TRACKER_TRACE_URL || rest.TRACKER_LOGS_URL ? { trace: rest.TRACKER_TRACE_URL, logs: rest.TRACKER_LOGS_URL } : undefined,
    auth,
    redaction: redactionOf(rest.TRACKER_REDACT_KEYS, rest.TRACKER_KEEP_KEYS, rest.TRACKER_REDACT_TEXTS),
    logLevel: rest.LOG_LEVEL,
  }
}

function redactionOf(deniedKeys: string[] = [], allowedKeys?: string[], texts: string[] = []): RedactionRules | undefined {
  return deniedKeys.length + texts.length === 0 && allowedKeys === undefined ? undefined : { deniedKeys, allowedKeys, texts }
}
