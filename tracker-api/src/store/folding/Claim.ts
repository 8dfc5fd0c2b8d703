import type { Json } from '../../signal.ts'
import { digestOf } from './digestOf.ts'

/** Somebody says something of a field, at that microsecond. Of all who do the least (time, digest of what is said) is believed. */
export type Claim = { us: number; value: Json }

/** The one of two that is believed: the known one, if any, or what somebody says at that microsecond. */
export function believed(known: Claim | null | undefined, us: number, value: Json): Claim {
  if (known === null || known === undefined || us < known.us) return { us, value }
  if (us > known.us || digestOf(known.value) <= digestOf(value)) return known
  return { us, value }
}

/** What the database compares with other claims to the field. */
export function standingOf({ us, value }: Claim): [us: number, digest: string] {
  return [us, digestOf(value)]
}
