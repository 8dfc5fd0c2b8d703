import { expect, test } from 'vitest'
import { createSearch } from '../search/createSearch.ts'
import { loadCorpus } from '../search/loadCorpus.ts'
import { SAMPLE_STUDENTS } from '../store/students.ts'
import { drawRequest } from './drawRequest.ts'

test('a few requests of the trickle come from students who may not ask; all students are known', () => {
  const requests = Array.from({ length: 2000 }, () => drawRequest(Math.random))
  const students = new Map(SAMPLE_STUDENTS.map((student) => [student.studentId, student]))
  const refused = requests.filter(({ student_id }) => !students.get(student_id)?.permissions.includes('content:request'))
  expect(requests.every((request) => students.get(request.student_id)?.organizationId === request.organization_id)).toBe(true)
  expect(refused.length).toBeGreaterThan(40)
  expect(refused.length).toBeLessThan(240)
})

test('the corpus has something on every topic of the trickle', async () => {
  const search = createSearch(await loadCorpus())
  const topics = new Set(Array.from({ length: 500 }, () => drawRequest(Math.random).topic))
  expect([...topics].filter((topic) => (search(topic, 1)[0]?.score ?? 0) < 0.2)).toEqual([])
})
