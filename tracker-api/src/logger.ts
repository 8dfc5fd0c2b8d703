import pino from 'pino'

export type Logger = pino.Logger

/** JSON lines on stderr, which leaves stdout to the one line with the page's address. */
export function createLogger(level: string): Logger {
  return pino({ level, base: { service: 'tracker-api' } }, pino.destination({ fd: 2, sync: true }))
}
