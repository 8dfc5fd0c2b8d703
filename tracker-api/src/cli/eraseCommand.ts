import { userInfo } from 'node:os'
import { Command } from 'commander'
import { eraseStudent, listErasures } from '../store/eraseStudent.ts'
import { withDatabase } from './withDatabase.ts'

type Wish = { student?: string; organization?: string; withoutOrganization?: true; list?: true; json?: true }

/** `erase`: what is known of one student leaves. */
export function eraseCommand(): Command {
  return new Command('erase')
    .description('Delete all that is kept of one student, and refuse or delete what still comes of it; or list what was erased')
    .option('--student <id>', 'as services send it')
    .option('--organization <id>', 'whose student it is')
    .option('--without-organization', 'the student is told of without an organization')
    .option('--list', 'what was erased, the newest first')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Deletes the student's requests with stages, events and spans, the name, and dead letters that name the student. Trackers
need not be stopped: listeners hear of it at once. A backup still holds what it held: see docs/backup.md.`,
    )
    .action(erase)
}

async function erase({ student, organization, withoutOrganization, list, json }: Wish, command: Command): Promise<void> {
  if (list) {
    const items = await withDatabase(({ admin }) => listErasures(admin, organization, 1_000))
    if (json) return print({ items })
    console.log(items.map((one) => `${one.requested_at}  ${one.student_id ?? 'forgotten'}  ${one.organization_id ?? 'no organization'}  ${one.requests} requests  by ${one.requested_by}`).join('\n') || 'Nothing was erased.')
    return
  }
  if (!student) command.error('error: say --student <id>')
  if ((organization === undefined) === (withoutOrganization === undefined)) {
    command.error('error: say either --organization <id> or --without-organization')
  }
  const wish = { organization: organization ?? null, studentId: student }
  const { erasure, isComplete } = await withDatabase(({ admin }) => eraseStudent(admin, wish, `command line (${userInfo().username})`))
  if (json) return print({ ...erasure, is_complete: isComplete })
  console.log(`${erasure.requests} requests and ${erasure.dead_letters} dead letters are gone${isComplete ? '' : ' so far; running trackers go on'}.`)
}

function print(value: unknown): void {
  console.log(JSON.stringify(value, null, 2))
}
