/** Where a reader of the feed stands. */
export type Cursor = { epoch: string; xmin: string }

export function writeCursor({ epoch, xmin }: Cursor): string {
  return `${epoch}.${xmin}`
}

/** Undefined for what is no cursor of ours. */
export function parseCursor(text: string): Cursor | undefined {
  const [, epoch, xmin] = /^([0-9a-z]{1,32})\.(\d{1,20})$/.exec(text) ?? []
  if (epoch === undefined || xmin === undefined || BigInt(xmin) >= 2n ** 64n) return undefined
  return { epoch, xmin }
}
