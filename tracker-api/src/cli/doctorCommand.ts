import { Command } from 'commander'
import { migrationNames } from '@vividly/migrations/migrate'
import { examine } from '../store/examine.ts'
import type { Finding } from '../store/judgeVitals.ts'
import { withDatabaseUrl } from './withDatabase.ts'

const MARKS = { well: 'ok  ', doubtful: 'look', wrong: 'FAIL' } as const

/** `doctor`: is the database fit to be relied on? Changes nothing. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Look whether the database is fit: schema, durability, partitions, long transactions; ends with 1 if something is wrong')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: true }) => {
      const known = await migrationNames()
      const findings = await withDatabaseUrl((url) => examine(url, known))
      console.log(json ? JSON.stringify({ items: findings }, null, 2) : findings.map(describe).join('\n'))
      if (findings.some(({ verdict }) => verdict === 'wrong')) process.exitCode = 1
    })
}

function describe({ what, verdict, found, todo }: Finding): string {
  return `${MARKS[verdict]}  ${what}: ${found}${todo === undefined ? '' : `\n      ${todo}`}`
}
