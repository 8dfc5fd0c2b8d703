import { Command } from 'commander'
import { migrate } from '@vividly/migrations/migrate'
import { rebuild } from '../store/rebuild.ts'
import { retain } from '../store/retain.ts'
import { withDatabaseUrl } from './withDatabase.ts'

type Printing = { json?: true }

/** `migrate`: the newest schema, before new trackers are started. A tracker does the same at its start. */
export function migrateCommand(): Command {
  return new Command('migrate')
    .description('Bring the database to the newest schema; trackers of the release before go on beside it')
    .option('--json', 'print JSON')
    .action(async ({ json }: Printing) => {
      const ran = await withDatabaseUrl((url) => migrate(url, json ? undefined : console.log))
      if (json) print({ ran })
      else if (ran.length === 0) console.log('The schema is the newest already.')
    })
}

/** `retention`: what running trackers do each hour, now. */
export function retentionCommand(): Command {
  return new Command('retention')
    .description('Make partitions ahead and let go of what the policies no longer keep, as running trackers do each hour')
    .option('--json', 'print JSON')
    .action(async ({ json }: Printing, command: Command) => {
      const retained = await withMigrated((url) => retain(url, Date.now()))
      if (retained === undefined) command.error('error: a tracker is at it this moment; nothing was done')
      if (json) return print(retained)
      const rows = Object.entries(retained.deleted).map(([table, count]) => `${count} rows of ${table}`)
      console.log(`Dropped: ${[...retained.dropped, ...rows].join(', ') || 'nothing'}.`)
      if (retained.postponed.length > 0) console.log(`In use, tried again in the next run: ${retained.postponed.join(', ')}.`)
    })
}

/** `rebuild`: derived columns and figures again, from what was told. */
export function rebuildCommand(): Command {
  return new Command('rebuild')
    .description('Derive every kept request and all hourly figures again from what services told; safe while they send')
    .option('--json', 'print JSON')
    .action(async ({ json }: Printing) => {
      const made = await withMigrated((url) =>
        rebuild(url, (batches) => process.stderr.write(`${batches} thousand requests at most are derived again\n`)),
      )
      if (json) print(made)
      else console.log(`Derived ${made.batches} batches of a thousand requests and ${made.hours} hours of figures again.`)
    })
}

function withMigrated<T>(work: (databaseUrl: string) => Promise<T>): Promise<T> {
  return withDatabaseUrl(async (url) => {
    await migrate(url)
    return work(url)
  })
}

function print(value: unknown): void {
  console.log(JSON.stringify(value, null, 2))
}
