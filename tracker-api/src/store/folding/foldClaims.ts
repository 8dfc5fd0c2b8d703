import {
  ATTR_ORGANIZATION_ID, ATTR_PIPELINE_NAME, ATTR_REQUEST_LEARNING_OBJECTIVE, ATTR_REQUEST_SCRIPT_TEXT, ATTR_REQUEST_THUMBNAIL_URL,
  ATTR_REQUEST_TOPIC, ATTR_REQUEST_VIDEO_URL, ATTR_USER_ID,
} from '@vividly/instrumentation/semconv'
import type { Json } from '../../signal.ts'
import { believed, standingOf } from './Claim.ts'
import type { Claim } from './Claim.ts'
import type { TrackedSignal } from './TrackedSignal.ts'

/** Anything may say these. */
const SAID_BY_ANY = [
  ['pipeline', ATTR_PIPELINE_NAME],
  ['organization', ATTR_ORGANIZATION_ID],
] as const

/** These are said of the request, by its root span and its own records. */
const SAID_OF_REQUEST = [
  ['student', ATTR_USER_ID],
  ['topic', ATTR_REQUEST_TOPIC],
  ['learning_objective', ATTR_REQUEST_LEARNING_OBJECTIVE],
  ['video_url', ATTR_REQUEST_VIDEO_URL],
  ['thumbnail_url', ATTR_REQUEST_THUMBNAIL_URL],
  ['script_text', ATTR_REQUEST_SCRIPT_TEXT],
] as const

/** Whether a signal is of the request as a whole, not of a part of it. */
export function isOfRequest({ kind }: TrackedSignal): boolean {
  return kind === 'root' || kind.startsWith('request_')
}

/** What signals claim of the fields of one request: of each the claim that is believed. */
export function foldClaims(signals: readonly TrackedSignal[]): Map<string, Claim> {
  const claims = new Map<string, Claim>()
  const claim = (us: number, field: string, value: Json | undefined): void => {
    if (value === undefined || value === null) return
    const known = claims.get(field)
    const claimed = believed(known, us, value)
    if (claimed !== known) claims.set(field, claimed)
  }
  for (const signal of signals) {
    const { saidUs: us, attributes, outcome } = signal
    for (const [field, name] of SAID_BY_ANY) claim(us, field, attributes[name])
    if (!isOfRequest(signal)) continue
    for (const [field, name] of SAID_OF_REQUEST) claim(us, field, attributes[name])
    if (signal.kind === 'request_started') claim(us, 'started', true)
    if (outcome !== null) claim(us, outcome, true)
    claim(us, 'error', signal.error)
  }
  return claims
}

/** The row, of the request at that place, that the SQL function `join_claims` takes. */
export function toClaimsRow(place: number, claims: ReadonlyMap<string, Claim>): Json[] {
  const values: { [field: string]: Json } = {}
  const standings: { [field: string]: Json } = {}
  for (const [field, claim] of claims) {
    values[field] = claim.value
    standings[field] = standingOf(claim)
  }
  return [place, values, standings]
}
