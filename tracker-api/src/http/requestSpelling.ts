import { name } from './queryFields.ts'

/** For one request: found only where it is of this organization. */
export const requestQuery = { organization: name.optional() }

/** Whether a path's last part could spell a request; the database decides which. */
export function isSpelling(text: string): boolean {
  return /^[0-9a-zA-Z_-]{26,36}$/.test(text)
}

export const unknownRequest =
  'No request of this ID is known. It is a correlation ID (vvd_…), a trace ID or a request ID; a new request may take a second to arrive.'
