import type { ContentRequest } from '../store/RequestStore.ts'
import { PERMISSIONS, type Student } from '../store/students.ts'
import { atPace } from './atPace.ts'
import type { AllResults, Stage } from './stage.ts'

const MEAN_SECONDS = 2
const NEEDED = 'content:request'

/** The request is at fault; trying again would not help. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused'
}

/** Stage 1: are the parameters sound, and may this student ask for a video? */
export function createValidation(
  findStudent: (studentId: string) => Promise<Student | undefined>,
  speed: number,
): Stage {
  return {
    name: 'validation',
    run: ({ request, stage }) =>
      atPace(MEAN_SECONDS, speed, async () => {
        const result = checkRequest(request, await findStudent(request.studentId))
        stage.log('validation_passed', { message: `${request.studentId} may request a video`, data: { permission: NEEDED } })
        return result
      }),
  }
}

/** @throws RequestRefused with a reason that support can read out */
export function checkRequest(request: ContentRequest, student: Student | undefined): AllResults['validation'] {
  if (!/\p{L}{2}/u.test(request.topic)) throw new RequestRefused(`The topic "${request.topic}" has no word in it`)
  if (!student) throw new RequestRefused(`There is no student "${request.studentId}"`)
  const who = `student ${student.studentId}`
  if (request.organizationId !== undefined && request.organizationId !== student.organizationId) {
    throw new RequestRefused(`The ${who} does not belong to organization "${request.organizationId}"`)
  }
  const known: readonly string[] = PERMISSIONS
  const unknown = student.permissions.find((permission) => !known.includes(permission))
  if (unknown !== undefined) throw new RequestRefused(`The ${who} has an unknown permission "${unknown}"`)
  if (!student.permissions.includes(NEEDED)) throw new RequestRefused(`The ${who} lacks the permission "${NEEDED}"`)
  return { student_email: student.email, permission: NEEDED }
}
