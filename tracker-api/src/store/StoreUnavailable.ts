/**
 * The store could not answer now, through no fault of the caller: trying again is right.
 * HTTP answers 503 with `Retry-After: 1`. The cause tells what happened.
 */
export class StoreUnavailable extends Error {
  override name = 'StoreUnavailable'
}
