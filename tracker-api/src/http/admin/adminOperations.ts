import type { z } from 'zod'
import { erasureAnswer, erasureList, newErasure, personalReadList } from '../../adminContract.ts'
import { personalReadsQuery } from './personalReadsRoute.ts'

export type AdminOperation = {
  method: 'get' | 'post'
  /** Below ADMIN_BASE. */
  path: string
  summary: string
  query: z.ZodRawShape
  /** Of a POST. */
  body?: z.ZodObject
  answer: z.ZodType
}

/** Every call under ADMIN_BASE. A test holds it against the routes. */
export const adminOperations: readonly AdminOperation[] = [
  { method: 'post', path: '/erasures', summary: 'Delete all that is kept of one student', query: {}, body: newErasure, answer: erasureAnswer },
  { method: 'get', path: '/erasures', summary: 'What was erased, newest first', query: {}, answer: erasureList },
  { method: 'get', path: '/personal-reads', summary: 'Who read names of students, newest first', query: personalReadsQuery, answer: personalReadList },
]
