import { expect, test } from 'vitest'
import { SAMPLE_STUDENTS } from '../store/students.ts'
import { checkRequest, RequestRefused } from './createValidation.ts'

const jane = SAMPLE_STUDENTS[0]
const request = {
  correlationId: 'vvd_1709234567890_a1b2c3d4',
  studentId: 's-1001',
  studentName: undefined,
  organizationId: undefined,
  topic: 'Fractions',
  learningObjective: undefined,
  state: 'accepted' as const,
  results: {},
}

test('a student who may request content passes, with the address to write to', () => {
  expect(checkRequest(request, jane)).toEqual({ student_email: 's-1001@northside-high.example', permission: 'content:request' })
})

test.each([
  ['no such student', request, undefined, 'There is no student "s-1001"'],
  ['a foreign organization', { ...request, organizationId: 'elsewhere' }, jane, 'does not belong to organization "elsewhere"'],
  ['a topic without words', { ...request, topic: '!?!' }, jane, 'has no word in it'],
  ['a missing permission', request, { ...SAMPLE_STUDENTS[10], permissions: ['content:view'] }, 'lacks the permission'],
  ['an unknown permission', request, { ...SAMPLE_STUDENTS[10], permissions: ['root'] }, 'an unknown permission "root"'],
] as const)('%s is refused with a reason', (_, wanted, student, reason) => {
  const known = student && { ...(jane ?? fail()), ...student, permissions: [...(student.permissions ?? [])] }
  expect(() => checkRequest(wanted, known)).toThrow(RequestRefused)
  expect(() => checkRequest(wanted, known)).toThrow(reason)
})

function fail(): never {
  throw new Error('There are no sample students')
}
