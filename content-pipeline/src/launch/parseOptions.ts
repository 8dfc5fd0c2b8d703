import { Command, InvalidArgumentError } from 'commander'
import type { Settings } from '../settings.ts'

/** Requests a minute for each unit of speed: about six are then under way at any time. */
const RATE_PER_SPEED = 2

type Options = {
  speed: number
  rate?: number
  trickle: boolean
  port: number
  geminiPort: number
  nanoBananaPort: number
  errorRate: number
}
export type LaunchOptions = { settings: Settings; trickle: boolean; ratePerMinute: number }

/** Options beat the environment. Ends the process after `--help` and after an option that is wrong. */
export function parseOptions(argv: readonly string[], settings: Settings): LaunchOptions {
  const { ports } = settings
  const options = new Command('pipeline')
    .description('The six-stage example: an intake, two workers, simulated providers and a trickle of requests.')
    .option('--speed <times>', 'times faster than the three minutes a request really takes', number(0.1, 1000), settings.speed)
    .option('--rate <per minute>', `requests of the trickle (default: ${RATE_PER_SPEED} times the speed)`, number(0.01, 6000))
    .option('--no-trickle', 'send no requests; POST your own to the intake')
    .option('--port <port>', 'of the intake; 0 is any free one, here and below', number(0, 65_535), ports.intake)
    .option('--gemini-port <port>', 'of the Gemini simulator', number(0, 65_535), ports.gemini)
    .option('--nano-banana-port <port>', 'of the Nano Banana simulator', number(0, 65_535), ports.nanoBanana)
    .option('--error-rate <share>', 'of provider calls that fail on a good day', number(0, 1), settings.errorRate)
    .addHelpText(
      'after',
      `
Environment:
  DATABASE_URL                 a Postgres; without it one from npm is started, its data in TRACKER_DATA_DIR (.data)
  OTEL_EXPORTER_OTLP_ENDPOINT  where telemetry goes (http://127.0.0.1:4318)
  LOG_LEVEL                    info`,
    )
    .parse(argv)
    .opts<Options>()
  return {
    settings: {
      ...settings,
      speed: options.speed,
      errorRate: options.errorRate,
      ports: { intake: options.port, gemini: options.geminiPort, nanoBanana: options.nanoBananaPort },
    },
    trickle: options.trickle,
    ratePerMinute: options.rate ?? Math.round(RATE_PER_SPEED * options.speed * 100) / 100,
  }
}

function number(least: number, greatest: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() !== '' && value >= least && value <= greatest) return value
    throw new InvalidArgumentError(`It must be a number from ${least} to ${greatest}.`)
  }
}
