import { z } from 'zod'
import type { RequestFilter } from '../store/RequestFilter.ts'
import { condition, moment, name, searchText, statuses } from './queryFields.ts'

/** The parameters that narrow a list of requests. */
export const requestFilterQuery = {
  status: statuses.optional(),
  organization: name.optional(),
  student: name.optional(),
  stage: name.optional(),
  condition: condition.optional(),
  error_type: name.optional(),
  breaker: name.optional(),
  q: searchText.optional(),
  from: moment.optional(),
  to: moment.optional(),
}

const query = z.object(requestFilterQuery)

/** Who does not see names does not find by them either. */
export function toRequestFilter(asked: z.infer<typeof query>, searchesNames: boolean): RequestFilter {
  const { status, organization, student, stage, condition, error_type, breaker, q, from, to } = asked
  return {
    ...(status && { statuses: status }),
    ...(organization !== undefined && { organization }),
    ...(student !== undefined && { student }),
    ...(stage !== undefined && { stage }),
    ...(condition && { condition }),
    ...(error_type !== undefined && { errorType: error_type }),
    ...(breaker !== undefined && { breaker }),
    ...(q && { text: q }),
    ...(searchesNames ? {} : { hidesNames: true }),
    ...(from !== undefined && { fromUs: from }),
    ...(to !== undefined && { toUs: to }),
  }
}
