/** `npm run tracker`: the API with its page, on a Postgres of yours or its own, until Ctrl-C; or one of its commands. */
import { Command } from 'commander'
import { deadLettersCommand } from './cli/deadLettersCommand.ts'
import { doctorCommand } from './cli/doctorCommand.ts'
import { eraseCommand } from './cli/eraseCommand.ts'
import { migrateCommand, rebuildCommand, retentionCommand } from './cli/storeCommands.ts'
import { tokensCommand } from './cli/tokensCommand.ts'
import { ConfigError, readConfig } from './config.ts'
import type { Config } from './config.ts'
import { PAGE_PATH } from './http/pageRoute.ts'
import { createLogger } from './logger.ts'
import type { Logger } from './logger.ts'
import { surviveLostConnections } from './store/surviveLostConnections.ts'
import { startTracing } from './telemetry/startTracing.ts'
import { startTracker } from './startTracker.ts'

const EXIT_WRONG_CONFIG = 2

const program = new Command('npm run tracker --')
  .description('Takes OTLP, keeps it in Postgres, serves the monitoring endpoints, the live stream and the page.')
  .addHelpText(
    'after',
    `
Environment:
  TRACKER_HOST       where to listen (127.0.0.1)
  TRACKER_PORT       page, monitoring endpoints and OTLP (8484)
  TRACKER_OTLP_PORT  OTLP where every SDK looks (4318); off behind a Collector
  TRACKER_DATA_DIR   of the embedded Postgres (.data)
  DATABASE_URL       your own Postgres, instead of the embedded one
  TRACKER_AUTH       off or tokens; off on loopback, tokens on any other address
  OTEL_…             the tracker's own traces, sent once OTEL_EXPORTER_OTLP_ENDPOINT is set
  TRACKER_REDACT_KEYS, TRACKER_REDACT_TEXTS, TRACKER_KEEP_KEYS
                     what is not stored, whatever services send: docs/security.md
  LOG_LEVEL          trace, debug, info, warn, error, fatal, silent (info)`,
  )
  .allowExcessArguments(false)
  .action(async () => {
    const config = readConfig()
    await run(config, createLogger(config.logLevel))
  })
  .addCommand(tokensCommand())
  .addCommand(migrateCommand())
  .addCommand(doctorCommand())
  .addCommand(retentionCommand())
  .addCommand(rebuildCommand())
  .addCommand(deadLettersCommand())
  .addCommand(eraseCommand())

try {
  await program.parseAsync()
} catch (error) {
  console.error(messagesOf(error).join('\n  because: '))
  process.exit(error instanceof ConfigError ? EXIT_WRONG_CONFIG : 1)
}

async function run(config: Config, log: Logger): Promise<void> {
  surviveLostConnections(log)
  const stopTracing = startTracing(process.env)
  const tracker = await startTracker(config, log)
  const stop = (): void => {
    tracker.stop().then(stopTracing).then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'could not stop cleanly')
        process.exit(1)
      },
    )
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
  const who = config.auth === 'tokens' ? 'tokens in force' : 'no login: this machine only'
  console.log(`Vividly tracker: ${tracker.url}${PAGE_PATH} (${who})`)
}

function messagesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)]
  return [error.message, ...(error.cause === undefined ? [] : messagesOf(error.cause))]
}
