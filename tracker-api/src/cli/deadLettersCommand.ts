import { Command, InvalidArgumentError } from 'commander'
import { listDeadLetters, replayDeadLetters } from '../store/deadLetters.ts'
import type { DeadLetter } from '../store/deadLetters.ts'
import { withDatabase } from './withDatabase.ts'

type Listing = { reason?: string; limit: number; payload?: true; json?: true }
type Replaying = { reason?: string; all?: true; json?: true }

/** `dead-letters list|replay`: what had to be refused, for senders never learn of a partial success. */
export function deadLettersCommand(): Command {
  return new Command('dead-letters')
    .description('List what had to be refused, and try it again once its reason is mended')
    .addCommand(listCommand())
    .addCommand(replayCommand())
}

function listCommand(): Command {
  return new Command('list')
    .description('List refused records, newest first')
    .option('--reason <reason>', 'of one reason only, as too_old')
    .option('--limit <count>', 'how many at most', toCount, 50)
    .option('--payload', 'show the records themselves; they may hold personal data')
    .option('--json', 'print JSON')
    .action(async ({ reason, limit, payload, json }: Listing) => {
      const found = await withDatabase(({ read }) => listDeadLetters(read, { reason, limit }))
      const items = payload ? found : found.map(withoutPayload)
      if (json) console.log(JSON.stringify({ items }, null, 2))
      else if (items.length === 0) console.log('There are no dead letters.')
      for (const item of json ? [] : items) {
        const { id, received_at, signal, reason: why, detail, replayable } = item
        console.log(`${id}  ${received_at}  ${signal}  ${why}${replayable ? '' : ' (not replayable)'}: ${detail ?? ''}`)
        if ('payload' in item) console.log(`    ${JSON.stringify(item.payload)}`)
      }
    })
}

function replayCommand(): Command {
  return new Command('replay')
    .description('Try refused records again: name them, or say which reason or --all. What is taken leaves the list')
    .argument('[id...]', 'numbers as the list shows them', collectIds)
    .option('--reason <reason>', 'all of one reason')
    .option('--all', 'all')
    .option('--json', 'print JSON')
    .action(async (ids: string[] | undefined, { reason, all, json }: Replaying, command: Command) => {
      if (!ids?.length && reason === undefined && !all) command.error('error: say which: numbers, --reason or --all')
      const named = ids?.length ? ids : undefined
      const done = await withDatabase(({ ingest }) => replayDeadLetters(ingest, { reason, ids: named }))
      if (json) console.log(JSON.stringify(done, null, 2))
      else console.log(`Taken: ${done.replayed}. Refused again: ${done.refused}. Passed over, not whole or gone: ${done.passedOver}.`)
    })
}

function withoutPayload(letter: DeadLetter): Omit<DeadLetter, 'payload'> {
  const { id, received_at, signal, reason, detail, organization_id, replayable } = letter
  return { id, received_at, signal, reason, detail, organization_id, replayable }
}

function toCount(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1.')
  return Number(text)
}

function collectIds(text: string, before: string[] | undefined): string[] {
  if (!/^[1-9]\d{0,17}$/.test(text)) throw new InvalidArgumentError('It must be a number that the list shows.')
  return [...(before ?? []), text]
}
