import type { Refusal } from '../signal.ts'

const NAMED = 5

/** One line for the sender's log: how many, the first few by place and fault, and how many more. */
export function describeRefusals(refused: readonly Pick<Refusal, 'reason' | 'detail'>[]): string {
  const named = refused.slice(0, NAMED).map(({ reason, detail }) => `${reason} (${detail})`)
  const more = refused.length - named.length
  const noun = refused.length === 1 ? 'record was' : 'records were'
  return `${refused.length} ${noun} refused: ${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}`
}
