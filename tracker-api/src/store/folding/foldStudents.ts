import { ATTR_ORGANIZATION_ID, ATTR_USER_FULL_NAME, ATTR_USER_ID } from '@vividly/instrumentation/semconv'
import { isOfRequest } from './foldClaims.ts'
import { textOf } from './textOf.ts'
import type { TrackedSignal } from './TrackedSignal.ts'

type Named = [organization: string, studentId: string, fullName: string, us: number]

/** The latest name of each student, as the SQL function `join_students` takes them. */
export function foldStudents(signals: readonly TrackedSignal[]): Named[] {
  const students = new Map<string, Named>()
  for (const signal of signals) {
    const fullName = textOf(signal.attributes[ATTR_USER_FULL_NAME])
    const studentId = textOf(signal.attributes[ATTR_USER_ID])
    if (fullName === null || studentId === null || !isOfRequest(signal)) continue
    const named: Named = [textOf(signal.attributes[ATTR_ORGANIZATION_ID]) ?? '', studentId, fullName, signal.saidUs]
    const key = JSON.stringify(named.slice(0, 2))
    const other = students.get(key)
    if (other === undefined || isLater(named, other)) students.set(key, named)
  }
  return [...students.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, named]) => named)
}

function isLater([, , fullName, us]: Named, [, , otherName, otherUs]: Named): boolean {
  return us > otherUs || (us === otherUs && fullName > otherName)
}
