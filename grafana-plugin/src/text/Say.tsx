import { Fragment } from 'react'

import { wordFor } from './locale.ts'

type Props = { text: string; parts: Readonly<Record<string, React.ReactNode>> }

/** {@link t} with elements among its parts, in the order in which the language has them. */
export function Say({ text, parts }: Props) {
  return wordFor(text)
    .split(/\{(\w+)\}/)
    // The pieces of one text never change their places.
    // oxlint-disable-next-line react/no-array-index-key
    .map((piece, index) => <Fragment key={index}>{index % 2 === 0 ? piece : (parts[piece] ?? `{${piece}}`)}</Fragment>)
}
