/**
 * One record can't become a signal. Thrown while it is read, however deep, and turned into a refusal where its
 * request is gone through; it never leaves this folder. The message holds no input.
 */
export class RefusedRecord extends Error {
  override name = 'RefusedRecord'
  /** A stable code. */
  readonly reason: string

  constructor(reason: string, detail: string) {
    super(detail)
    this.reason = reason
  }
}
