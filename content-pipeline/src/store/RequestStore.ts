import type { ClientBase, Pool } from 'pg'
import type { StageResults } from '../stages/stage.ts'
import type { Student } from './students.ts'

export type ContentRequest = {
  correlationId: string
  studentId: string
  studentName: string | undefined
  organizationId: string | undefined
  topic: string
  learningObjective: string | undefined
  state: 'accepted' | 'completed' | 'failed'
  /** Of the stages that are done: what the next ones build on, and what a redelivered job need not do again. */
  results: StageResults
}
export type NewContentRequest = Omit<ContentRequest, 'state' | 'results'>

type RequestRow = {
  correlation_id: string
  student_id: string
  student_name: string | null
  organization_id: string | null
  topic: string
  learning_objective: string | null
  state: ContentRequest['state']
  results: StageResults
}
type StudentRow = { student_id: string; full_name: string; email: string; organization_id: string; permissions: string[] }

/** The pipeline's business data. It knows nothing of tracking. */
export class RequestStore {
  readonly #pool: Pool

  constructor(pool: Pool) {
    this.#pool = pool
  }

  /** Runs `alongside` in the same transaction, so that a request without its job, or a job without its request, can't be. */
  async insert(request: NewContentRequest, alongside: (client: ClientBase) => Promise<void>): Promise<void> {
    const client = await this.#pool.connect()
    try {
      await client.query('begin')
      await client.query(
        `insert into content_pipeline.requests
           (correlation_id, student_id, student_name, organization_id, topic, learning_objective)
         values ($1, $2, $3, $4, $5, $6)`,
        [
          request.correlationId,
          request.studentId,
          request.studentName ?? null,
          request.organizationId ?? null,
          request.topic,
          request.learningObjective ?? null,
        ],
      )
      await alongside(client)
      await client.query('commit')
      client.release()
    } catch (error) {
      // Closing the connection rolls back, whatever state it is in.
      client.release(true)
      throw new Error(`Could not store request ${request.correlationId}`, { cause: error })
    }
  }

  async find(correlationId: string): Promise<ContentRequest | undefined> {
    const { rows } = await this.#pool.query<RequestRow>(
      `select correlation_id, student_id, student_name, organization_id, topic, learning_objective, state, results
       from content_pipeline.requests where correlation_id = $1`,
      [correlationId],
    )
    const [row] = rows
    return (
      row && {
        correlationId: row.correlation_id,
        studentId: row.student_id,
        studentName: row.student_name ?? undefined,
        organizationId: row.organization_id ?? undefined,
        topic: row.topic,
        learningObjective: row.learning_objective ?? undefined,
        state: row.state,
        results: row.results,
      }
    )
  }

  async findStudent(studentId: string): Promise<Student | undefined> {
    const { rows } = await this.#pool.query<StudentRow>(
      `select student_id, full_name, email, organization_id, permissions
       from content_pipeline.students where student_id = $1`,
      [studentId],
    )
    const [row] = rows
    return (
      row && {
        studentId: row.student_id,
        fullName: row.full_name,
        email: row.email,
        organizationId: row.organization_id,
        permissions: row.permissions,
      }
    )
  }

  async keepResult(correlationId: string, stage: keyof StageResults, result: unknown): Promise<void> {
    await this.#pool.query(
      `update content_pipeline.requests set results = results || jsonb_build_object($2::text, $3::jsonb)
       where correlation_id = $1`,
      [correlationId, stage, JSON.stringify(result)],
    )
  }

  async end(correlationId: string, state: 'completed' | 'failed'): Promise<void> {
    await this.#pool.query(
      `update content_pipeline.requests set state = $2, ended_at = now() where correlation_id = $1 and state = 'accepted'`,
      [correlationId, state],
    )
  }
}
