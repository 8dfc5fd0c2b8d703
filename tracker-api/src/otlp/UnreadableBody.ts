/** The body as a whole is no OTLP request, or too big a one: none of it is taken. The message holds no input. */
export class UnreadableBody extends Error {
  override name = 'UnreadableBody'
  readonly status: 400 | 413

  constructor(message: string, status: 400 | 413 = 400, options?: ErrorOptions) {
    super(message, options)
    this.status = status
  }
}
