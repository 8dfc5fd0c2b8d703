import { Command, InvalidArgumentError } from 'commander'

export interface StartOptions {
  speed: number
  example: boolean
}

/** Ends the process after `--help` and after an option that is wrong. */
export function readOptions(argv: readonly string[]): StartOptions {
  return new Command('npm start --')
    .description('The whole tracker on this machine: Postgres, API, page, and an example pipeline that sends it requests.')
    .option('--speed <times>', 'of the example; 1 takes the real three minutes a request', toSpeed, 6)
    .option('--no-example', 'only the tracker: send requests of your own')
    .addHelpText('after', '\nREADME.md lists the environment variables.')
    .parse(argv)
    .opts<StartOptions>()
}

function toSpeed(text: string): number {
  const speed = Number(text)
  if (text.trim() !== '' && speed >= 0.1 && speed <= 1000) return speed
  throw new InvalidArgumentError('It must be a number from 0.1 to 1000.')
}
